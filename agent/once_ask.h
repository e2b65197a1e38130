/* Asks NTP servers for another host, which wants to know what they say to this one. */
#ifndef AGENT_ONCE_ASK_H
#define AGENT_ONCE_ASK_H

/*
 * Read the questions on stdin (measure/answers.h), ask, and print the answers on stdout.  Each
 * address is asked within the ration that came with the questions.
 *
 * Returns 0, or 2 when what came is no question; that has been logged.
 */
int once_ask(void);

#endif
