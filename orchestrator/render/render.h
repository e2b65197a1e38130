/*
 * What each host of a site should have on disk: the templates (templates/, doc/templates.7)
 * filled from the topology.  The same bytes from the same input; no I/O but the reading of
 * templates that the operator overrides.
 */
#ifndef ORCHESTRATOR_RENDER_RENDER_H
#define ORCHESTRATOR_RENDER_RENDER_H

#include "daemons/daemon.h"
#include "daemons/file_set.h"
#include "orchestrator/render/settings.h"
#include "orchestrator/topology/topology.h"

#define RENDERED_FILE_BYTES_MAX (4 << 20)

/* A site and the templates that it is rendered with, parsed once. */
struct render;

/*
 * Parse every template.
 *
 * @topology:      sound (topology_load() returned 0); kept until render_free()
 * @templates_dir: a file in it is taken instead of the built-in one of its name; NULL: none
 *
 * Returns NULL with @err set when a template is not one ("chrony.conf:7:3: ...") or
 * @templates_dir cannot be read.
 */
struct render *render_new(
    const struct topology *topology, const char *templates_dir, struct error *err);

void render_free(struct render *render);

/*
 * What @host should have for its daemon.
 *
 * @driver: of the daemon that it runs: what `auto` stands for is the caller's to know
 * @set:    filled from @arena, in the order of @driver->files, then of daemon_first_set_files
 *
 * Returns 0, or -1 with @err set and @set untouched: a value does not fit into a line, or the
 * site asks for what the daemon cannot do (`peering: symmetric` with NTPsec).
 */
int render_host(struct render *render, const struct host *host, const struct daemon_driver *driver,
    struct arena *arena, struct file_set *set, struct error *err) MUST_CHECK;

/* What @host should have for its agent, the program itself left out. */
int render_agent(struct render *render, const struct host *host,
    const struct agent_settings *settings, struct arena *arena, struct file_set *set,
    struct error *err) MUST_CHECK;

#endif
