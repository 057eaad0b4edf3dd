// Godwit for C, and for every language that can call C: one flat, stable interface over the C++ library. C99; also C++.
//
//     godwit_context context;
//     godwit_socket out;
//     godwit_context_open(NULL, &context, NULL);
//     godwit_socket_open(context, GODWIT_PUSH, NULL, &out, NULL);
//     godwit_connect(out, godwit_text("ipc://@jobs"), NULL);
//     if (godwit_send(out, godwit_text("hello"), NULL, &error) != GODWIT_OK) puts(error.message);
//     godwit_socket_close(out, GODWIT_LINGER, NULL);
//     godwit_context_close(context, GODWIT_NEVER, NULL);
//
// What holds for every call:
//  Handles     are 64 bits with a generation in them. A handle that was closed or released is GODWIT_CLOSED, one that was
//              never given is GODWIT_INVALID_ARGUMENT; neither is ever another object. {0} is none. Closing or releasing
//              twice is GODWIT_OK. Closing while others are in a call ends their calls with GODWIT_CLOSED.
//  Status      0 is ok, an error is negative; the numbers never change, new ones come at the end. The last parameter,
//              which may be NULL, gets the error in words; godwit_last_error() has this thread's last one, too.
//              When a call fails, what it should have written is untouched, unless it says so.
//  Structs     begin with struct_size and only ever grow at the end. Set them up with GODWIT_…_INIT or godwit_…_init(); NULL is
//              the same. A smaller struct of an older program has defaults for the rest; of a larger one the unknown
//              tail must be zero, else GODWIT_UNSUPPORTED.
//  Bytes       are a pointer and a length, never ended by 0. What is given is borrowed for the call; what is got lives as
//              its own comment says. NULL is fine where the length is 0. A text of any length comes as a message.
//  Callbacks   are a function, its user_data, and drop, which may be NULL: drop(user_data) runs once when the function will
//              not be called again, also when the call that it was given to fails. No exception crosses, either way: what
//              a callback written in C++ throws ends there. On the callback thread of a context no callback may block.
//  Time        is in the unit that ends the name. A timeout of zero or less means "do not wait"; GODWIT_NEVER, never.
//  Threads     any call from any thread at any time, unless it says otherwise. A child after fork() makes its own
//              context: calls on a parent's sockets are GODWIT_FORKED there.
// The names, numbers and layouts are kept by lib/c/symbols.txt and tests/c.
#ifndef GODWIT_GODWIT_H
#define GODWIT_GODWIT_H

#include "godwit/c/base.h"
#include "godwit/c/context.h"
#include "godwit/c/journal.h"
#include "godwit/c/journal_reader.h"
#include "godwit/c/message.h"
#include "godwit/c/queue.h"
#include "godwit/c/receive.h"
#include "godwit/c/reliable.h"
#include "godwit/c/request.h"
#include "godwit/c/send.h"
#include "godwit/c/socket.h"
#include "godwit/c/socket_options.h"
#include "godwit/c/statistics.h"

#endif
