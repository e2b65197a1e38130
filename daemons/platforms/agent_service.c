#include "daemons/platforms/agent_service.h"

#define SYSTEMD_NAME "timetier-agent.service"
#define SYSTEMD_FOLDER "/etc/systemd/system/"
#define OPENRC_NAME "timetier-agent"

/* The agent reads its files at its start alone. */
#define CONFIG_FILE                                                                                \
	{                                                                                          \
		.path = AGENT_CONFIG, .template_name = "agent.conf", .mode = 0640,                 \
		.owner = "root", .group = AGENT_USER, .action = FILE_ACTION_RESTART,               \
		.secret = true                                                                     \
	}

static const struct daemon_file systemd_files[] = {
	CONFIG_FILE,
	{
	    .path = SYSTEMD_FOLDER SYSTEMD_NAME,
	    .template_name = "timetier-agent.service",
	    .mode = 0644,
	    .owner = "root",
	    .group = "root",
	    .action = FILE_ACTION_RESTART,
	},
	{ .template_name = NULL },
};

static const struct daemon_file openrc_files[] = {
	CONFIG_FILE,
	{
	    .path = "/etc/init.d/" OPENRC_NAME,
	    .template_name = "timetier-agent.openrc",
	    .mode = 0755,
	    .owner = "root",
	    .group = "root",
	    .action = FILE_ACTION_RESTART,
	},
	{ .template_name = NULL },
};

const struct agent_service agent_services[] = {
	{
	    .init = INIT_SYSTEMD,
	    .name = SYSTEMD_NAME,
	    .file = SYSTEMD_FOLDER SYSTEMD_NAME,
	    .link = SYSTEMD_FOLDER "multi-user.target.wants/" SYSTEMD_NAME,
	    .log = "journalctl -u timetier-agent",
	    .files = systemd_files,
	},
	{
	    .init = INIT_OPENRC,
	    .name = OPENRC_NAME,
	    .file = "/etc/init.d/" OPENRC_NAME,
	    .link = "/etc/runlevels/default/" OPENRC_NAME,
	    .log = "grep timetier-agent /var/log/messages",
	    .files = openrc_files,
	},
	{ .name = NULL },
};

const struct agent_service *
agent_service(enum platform_init init)
{
	for (const struct agent_service *service = agent_services; service->name; service++) {
		if (service->init == init) {
			return service;
		}
	}
	return agent_services;
}
