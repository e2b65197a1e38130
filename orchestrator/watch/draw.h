/* Which figures stand where on a screen of any size.  No I/O: what it draws on is a grid. */
#ifndef ORCHESTRATOR_WATCH_DRAW_H
#define ORCHESTRATOR_WATCH_DRAW_H

#include "orchestrator/watch/parts.h"

/* Draw the page that @state has chosen; @state is told how much of it there was room for. */
void draw_screen(struct screen *screen, const struct watch_view *view, struct watch_state *state);

/* The host whose detail and curve such a screen shows, or NULL. */
const char *draw_wants(int columns, const struct watch_view *view, const struct watch_state *state);

#endif
