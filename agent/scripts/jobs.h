/*
 * What a host runs by itself now and then: cron, anacron, at, timers, hooks of the network, udev,
 * what a watchdog runs.  This file only reads files; those that this user may not read are left
 * out.
 */
#ifndef AGENT_SCRIPTS_JOBS_H
#define AGENT_SCRIPTS_JOBS_H

#include "agent/scripts/follow.h"

/* Visit the commands of crontabs, cron.d, cron.hourly and its like, anacron, at. */
void jobs_cron(struct follow *follow);

/* Visit what the timers start: those that are enabled, and those that systemd has at work. */
void jobs_timers(struct follow *follow);

/* Visit the hooks of interfaces, of NetworkManager and its like, of DHCP, PPP, sleep, and rc.local.
 */
void jobs_hooks(struct follow *follow);

/* Visit what the administrator's rules of udev run. */
void jobs_udev(struct follow *follow);

/* Visit the commands in a file of monit or supervisord: `start program = "..."`, `command=...`. */
void jobs_watchdog(struct follow *follow, const char *path);

#endif
