"""Copies a source of the layer with one rule broken: plant_fault.py <source> <copy> <find> <replace>.

The text to find must stand in the source exactly once; otherwise the source has changed, and the fault in
tests/conformance/CMakeLists.txt has to follow.
"""

import sys


def main():
    source, copy, find, replace = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        text = file.read()
    if text.count(find) != 1:
        print(f"{source}: the text that the planted fault replaces stands there {text.count(find)} times, not once: "
              f"{find!r}. Correct the fault in tests/conformance/CMakeLists.txt.", file=sys.stderr)
        return 1
    with open(copy, "w", encoding="utf-8") as file:
        file.write(text.replace(find, replace))
    return 0


if __name__ == "__main__":
    sys.exit(main())
