// The version of the headers a program was compiled with. These four lines are the only place where it is written: the
// build reads it from here.
#pragma once

#define GODWIT_VERSION_MAJOR 0
#define GODWIT_VERSION_MINOR 1
#define GODWIT_VERSION_PATCH 0
#define GODWIT_VERSION_STRING "0.1.0"
