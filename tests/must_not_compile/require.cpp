// COWEAVE_REQUIRE shows both sides of one comparison; of more than one it says what to write instead.

#include <coweave/props/require.hpp>

void check(int a, int b) {
#ifdef AND
  COWEAVE_REQUIRE(a == 1 && b == 2);
#elif defined(OR)
  COWEAVE_REQUIRE(a || b == 2);
#else
  COWEAVE_REQUIRE((a == 1 && b == 2));
  COWEAVE_REQUIRE((a || b == 2));
#endif
}
