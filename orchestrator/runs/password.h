/* The password of sudo on hosts: from a file, or asked for on the terminal while the loop runs. */
#ifndef ORCHESTRATOR_RUNS_PASSWORD_H
#define ORCHESTRATOR_RUNS_PASSWORD_H

#include "orchestrator/rollout/host/sudo.h"
#include "orchestrator/show/progress.h"

#include <uv.h>

struct password;

/*
 * @file: nobody else's to read; NULL: the terminal
 * Returns NULL with @err set: the file cannot be used.
 */
struct password *password_new(
    uv_loop_t *loop, const char *file, struct progress *progress, struct error *err);

struct sudo *password_sudo(struct password *password);

/* Before the loop ends; the terminal is as it was. */
void password_close(struct password *password);

/* After it. */
void password_free(struct password *password);

#endif
