#pragma once

/// Models of common objects, to check histories against.

#include <coweave/props/linearizability/models/counter.hpp>
#include <coweave/props/linearizability/models/lock.hpp>
#include <coweave/props/linearizability/models/map.hpp>
#include <coweave/props/linearizability/models/queue.hpp>
#include <coweave/props/linearizability/models/register.hpp>
#include <coweave/props/linearizability/models/semaphore.hpp>
#include <coweave/props/linearizability/models/set.hpp>
