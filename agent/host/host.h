/* What this host says of itself: its names, its boot, its real-time clock. */
#ifndef AGENT_HOST_HOST_H
#define AGENT_HOST_HOST_H

#include "verdict/report.h"

/*
 * Fill in what stays the same for a run of the agent: host, agent_version, boot_id, session_id.
 *
 * @root: "" for the host itself
 * @name: of the host in site.yaml; NULL: its own host name
 */
void host_introduce(const char *root, const char *name, struct report *report);

/*
 * Real-time clock minus system clock, good to a second; INT64_MAX: there is none.
 *
 * @real_ns: the system clock, now
 */
int64_t host_rtc_offset_ns(const char *root, int64_t real_ns);

/* The kernel's correction of the clock's rate now, positive: it runs faster for it; 0: not told. */
double host_rate_ppm(void);

/* Whether the hardware clock keeps local time, as /etc/adjtime says. */
bool host_rtc_is_local(const char *root);

/* Whether there is a hardware clock that a daemon could read. */
bool host_has_rtc(const char *root);

/* Returns when the file was last written (its mtime); 0: it is not there. */
int64_t host_written_ns(const char *root, const char *path);

struct ip;

/*
 * Fill @own with the address of this host that another one at @ip sees, by the routes of now;
 * nothing is sent.  False: there is no way to @ip.
 */
bool host_address_towards(const struct ip *ip, struct ip *own);

/*
 * Whether the unit runs, begins or ends, without asking systemd: by what systemd leaves in
 * /run/systemd/units for its journal.  True where nothing is there to tell.
 * Source: systemd 247 and 252, src/core/unit.c, unit_export_state_files().
 */
bool host_unit_runs(const char *root, const char *unit);

/*
 * Returns the kind of virtual machine, by its firmware: "KVM", "VMware"; or "unknown hypervisor"
 * when only the processor tells of one.  NULL: this is no virtual machine.
 * Source: systemd 252, src/basic/virt.c.
 */
const char *host_machine(const char *root);

#endif
