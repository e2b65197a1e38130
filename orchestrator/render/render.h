/*
 * Renders the files that each host of a site should have: fills the templates (templates/,
 * doc/templates.7) from the topology.  The same input gives the same bytes.  The only I/O is to
 * read the operator's own templates.
 */
#ifndef ORCHESTRATOR_RENDER_RENDER_H
#define ORCHESTRATOR_RENDER_RENDER_H

#include "daemons/daemon.h"
#include "daemons/file_set.h"
#include "orchestrator/render/settings.h"
#include "orchestrator/topology/topology.h"

#define RENDERED_FILE_BYTES_MAX (4 << 20)

/* A site and its parsed templates. */
struct render;

/*
 * Parse every template.
 *
 * @topology:      sound (topology_load() returned 0); kept until render_free()
 * @templates_dir: files in it replace the built-in templates of the same name; NULL: none
 *
 * Returns NULL with @err set when a template is wrong ("chrony.conf:7:3: ...") or cannot be read,
 * or @templates_dir is not a folder.
 */
struct render *render_new(
    const struct topology *topology, const char *templates_dir, struct error *err);

void render_free(struct render *render);

/*
 * Render the files that @host should have for its daemon.
 *
 * @driver: of the daemon that @host runs; for `auto`, the caller must know which daemon that is
 * @set:    filled from @arena, in the order of @driver->files, then of daemon_first_set_files and
 *          daemon_first_set_good_files
 *
 * Returns 0, or -1 with @err set and @set untouched: a value does not fit into a line, or the
 * daemon cannot do what the site asks for (`peering: symmetric` with NTPsec).
 */
int render_host(struct render *render, const struct host *host, const struct daemon_driver *driver,
    struct arena *arena, struct file_set *set, struct error *err) MUST_CHECK;

/* Render the files that @host should have for its agent, except the program. */
int render_agent(struct render *render, const struct host *host,
    const struct agent_settings *settings, struct arena *arena, struct file_set *set,
    struct error *err) MUST_CHECK;

#endif
