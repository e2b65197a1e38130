/* The colours of a terminal.  use_colour() says whether to use them. */
#ifndef ORCHESTRATOR_CLI_COLOUR_H
#define ORCHESTRATOR_CLI_COLOUR_H

#define COLOUR_RED "\x1b[31m"
#define COLOUR_GREEN "\x1b[32m"
#define COLOUR_YELLOW "\x1b[33m"
#define COLOUR_CYAN "\x1b[36m"
#define COLOUR_GREY "\x1b[90m"
#define COLOUR_BOLD "\x1b[1m"
#define COLOUR_NONE "\x1b[0m"

#endif
