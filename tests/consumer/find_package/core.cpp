/// A consumer of coweave::core alone.

#include <coweave/core/observer.hpp>

[[maybe_unused]] static coweave::ObjectId object;
