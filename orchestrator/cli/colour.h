/* The colours of a terminal.  use_colour() says whether to use them. */
#ifndef ORCHESTRATOR_CLI_COLOUR_H
#define ORCHESTRATOR_CLI_COLOUR_H

#include "common/streams.h"

#define COLOUR_RED stream_code(STREAM_RED)
#define COLOUR_GREEN stream_code(STREAM_GREEN)
#define COLOUR_YELLOW stream_code(STREAM_YELLOW)
#define COLOUR_CYAN stream_code(STREAM_CYAN)
#define COLOUR_GREY stream_code(STREAM_GREY)
#define COLOUR_BOLD stream_code(STREAM_BOLD)
#define COLOUR_NONE stream_code(STREAM_PLAIN)

#endif
