#pragma once

/// Small programs that tell what they do with notes, each once sound and once not. docs/monitors.md shows how
/// monitors tell what is wrong with the others.

#include <coweave/coweave.hpp>

namespace coweave::tests {

enum class Made : bool { wrong, right };

Coro<void> connection(Made made);  ///< open, use: who uses it waits until it is open, or does not
Coro<void> account(Made made);     ///< balance: two withdrawals, which look first
Coro<void> shutdown(Made made);    ///< stopped: a server stops when it is told to, or forgets it
Coro<void> requests(Made made);    ///< request, response: a server that loses a request when it is full
Coro<void> migration(Made made);   ///< begin, end, write: writers wait for the migration, or do not
Coro<void> critical(Made made);    ///< enter, leave: with a lock, or without
Coro<void> pipeline(Made made);    ///< in, out: one worker, or two that overtake each other
Coro<void> barging(Made made);     ///< ask, get: in line, or whoever comes first
Coro<void> window(Made made);      ///< sent, acknowledged: at most two not acknowledged, or any number
Coro<void> rounds(Made made);      ///< request, response: an answer that gives way to others, or too often
Coro<void> tables(Made made);      ///< request, response, gave up: who waits too long says so, or just goes

// With a condition on their state, each.
Coro<void> room(Made made);     ///< one inside at most
Coro<void> store(Made made);    ///< never less than nothing in stock
Coro<void> opening(Made made);  ///< open within 5 ms

}  // namespace coweave::tests
