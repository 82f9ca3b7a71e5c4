#pragma once

/// A folder for a scope.

#include <algorithm>
#include <filesystem>
#include <stdlib.h>
#include <string>
#include <vector>

namespace coweave::tests {

/// New and empty, and gone with all that is in it.
class Folder {
 public:
  Folder() {
    path_ = (std::filesystem::temp_directory_path() / "coweave-XXXXXX").string();
    if (!::mkdtemp(path_.data())) throw std::filesystem::filesystem_error("mkdtemp", path_, {});
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  /// In order of their names.
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  std::string path_;
};

}  // namespace coweave::tests
