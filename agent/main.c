/* The program `timetier-agent`: its arguments, and nothing else. */
#include "agent/answer.h"
#include "agent/audit.h"
#include "agent/clients/clients.h"
#include "agent/collect.h"
#include "agent/examine.h"
#include "agent/first_set/first_set.h"
#include "agent/first_set/good.h"
#include "agent/host/notify.h"
#include "agent/once.h"
#include "agent/once_ask.h"
#include "agent/service.h"
#include "agent/uplink/config.h"
#include "common/file.h"
#include "common/log.h"
#include "common/nearest.h"
#include "common/streams.h"
#include "common/version.h"
#include "daemons/daemon.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFIG_PATH "/etc/timetier/agent.conf"
#define STATE_FOLDER "/var/lib/timetier-agent"

enum exit_status {
	EXIT_OK = 0,
	EXIT_FINDINGS = 1, /* it ran, and something is wrong with the time */
	EXIT_USAGE = 2,    /* it could not run */
};

struct arguments {
	const char *config, *state, *daemon;
	bool json, fresh, force, dry_run, late, remember, syslog;
	const char *command;
};

static void
print_usage(FILE *out)
{
	fputs(
	    "usage: timetier-agent [COMMAND] [OPTION...]\n\n"
	    "Reports this host's time to its site's collector.\n\ncommands:\n"
	    "  run              report until told to stop (when no command is given)\n"
	    "  status           ask the local daemon once, print what it says\n"
	    "  verdict          print what a restart of the daemon, now, would do to the clock\n"
	    "  first-set        set the clock, once per boot, if most sources agree\n"
	    "  ask              ask NTP servers for `timetier probe --from`: JSON on stdin\n"
	    "  audit            ask the addresses on its stdin what strangers ask\n"
	    "  answer           tell the caller on stdin what proves membership in the pool\n"
	    "  clients          read who asked the daemon for the time, twice; told how on stdin\n"
	    "  collect          print the files of this host's time daemons, for `timetier "
	    "import`\n"
	    "  examine          print all that may keep this host from good time, for `timetier "
	    "doctor`\n"
	    "\noptions:\n"
	    "  --config FILE    read FILE (default: " CONFIG_PATH ")\n"
	    "  --state FOLDER   keep undelivered reports and the ledger there "
	    "(default: " STATE_FOLDER ")\n"
	    "  --daemon NAME    ask chrony, ntpsec, ntp, ntpd-rs, openntpd or systemd-timesyncd;\n"
	    "                   auto: the one that runs\n"
	    "  --syslog         log to syslog, as where nothing keeps what it prints\n"
	    "  --fresh          status: measure its sources first, as verdict always does (6 s)\n"
	    "  --json           status, verdict: print one line of JSON, as it is reported\n"
	    "  --dry-run        first-set: say what it would do, and change nothing\n"
	    "  --force          first-set: believe the sources whatever they say\n"
	    "  --version        print the version\n"
	    "  -h, --help       print this\n\n"
	    "Exit status: 0 all is well; 1 the time is not; 2 it could not run; of verdict: 3 a\n"
	    "restart would step the clock, 4 the daemon would refuse, 5 it cannot be told.\n",
	    out);
}

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "state", required_argument, NULL, 's' },
	{ "daemon", required_argument, NULL, 'd' },
	{ "json", no_argument, NULL, 'j' },
	{ "fresh", no_argument, NULL, 'f' },
	{ "force", no_argument, NULL, 'F' },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "late", no_argument, NULL, 'L' },
	{ "syslog", no_argument, NULL, 'S' },
	{ "remember", no_argument, NULL, 'R' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* Returns 0 to go on, 1 after --help or --version, -1 when the arguments are wrong. */
static int
parse_arguments(int argc, char **argv, struct arguments *arguments)
{
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (option) {
		case 'c':
			arguments->config = optarg;
			break;
		case 's':
			arguments->state = optarg;
			break;
		case 'd':
			arguments->daemon = optarg;
			break;
		case 'j':
			arguments->json = true;
			break;
		case 'F':
			arguments->force = true;
			break;
		case 'n':
			arguments->dry_run = true;
			break;
		case 'L':
			arguments->late = true;
			break;
		case 'R':
			arguments->remember = true;
			break;
		case 'S':
			arguments->syslog = true;
			break;
		case 'f':
			arguments->fresh = true;
			break;
		case 'V':
			puts("timetier-agent " TIMETIER_VERSION);
			return 1;
		case 'h':
			print_usage(stdout);
			return 1;
		default:
			return -1;
		}
	}
	if (optind < argc) {
		arguments->command = argv[optind++];
	}
	if (strcmp(arguments->command, "help") == 0) {
		print_usage(stdout);
		return 1;
	}
	return optind == argc ? 0 : -1;
}

static int
read_config(const char *path, struct agent_config *config, struct error *err)
{
	struct buf text = { .limit_bytes = AGENT_CONFIG_BYTES_MAX };
	int status;

	status = file_read_plain(path, 0, &text, err);
	if (status == 0) {
		status = agent_config_parse(path, buf_str(&text), text.len, config, err);
	}
	buf_free(&text);
	return status;
}

/* What is wrong with a file that timetier writes, and which other one could be meant. */
static int
wrong_config(const struct error *err)
{
	log_error("%s; --config FILE names a file that `timetier apply` has written", err->text);
	return EXIT_USAGE;
}

static int
run_service(const struct arguments *arguments)
{
	struct agent_config config;
	struct error err;

	if (read_config(arguments->config ? arguments->config : CONFIG_PATH, &config, &err) < 0) {
		return wrong_config(&err);
	}
	if (service_run(&config, arguments->state, &err) < 0) {
		log_error("%s", err.text);
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

static int
run_first_set(const struct arguments *arguments)
{
	const struct first_set_options options = {
		.config = arguments->config ? arguments->config : FIRST_SET_CONFIG,
		.force = arguments->force,
		.dry_run = arguments->dry_run,
	};
	struct error err;
	bool service = notify_is_wanted() || geteuid() != 0;
	int status = arguments->remember ? first_set_remember(options.config, &err)
	    : arguments->late            ? first_set_late(options.config, &err)
	    : service                    ? first_set_run(&options, &err)
					 : first_set_by_hand(&options, &err);

	if (status < 0 && arguments->config) {
		return wrong_config(&err);
	}
	if (status < 0) {
		log_error("%s", err.text);
		return EXIT_USAGE;
	}
	return status;
}

enum look { LOOK_STATUS, LOOK_VERDICT, LOOK_EXAMINE };

/* This works without an agent.conf, too: the host may not be under timetier yet. */
static int
look_once(const struct arguments *arguments, enum look look)
{
	struct agent_config config = { .daemon = "auto" };
	const char *daemon = arguments->daemon;
	const char *host = NULL;
	struct error err;
	struct once once;

	if (read_config(arguments->config ? arguments->config : CONFIG_PATH, &config, &err) == 0) {
		host = config.host;
	} else if (arguments->config) {
		return wrong_config(&err);
	}
	daemon = daemon ? daemon : config.daemon;
	if (strcmp(daemon, "auto") != 0 && !daemon_find(daemon)) {
		log_error("no daemon \"%s\" is known; `timetier-agent --help` names those that are",
		    daemon);
		return EXIT_USAGE;
	}
	once = (struct once){ host, daemon, arguments->state, arguments->fresh, arguments->json };
	if (look == LOOK_EXAMINE) {
		return examine_run(host, daemon, arguments->state);
	}
	return look == LOOK_VERDICT ? once_verdict(&once) : once_status(&once);
}

static int
run_status(const struct arguments *arguments)
{
	return look_once(arguments, LOOK_STATUS);
}

static int
run_verdict(const struct arguments *arguments)
{
	return look_once(arguments, LOOK_VERDICT);
}

static int
run_examine(const struct arguments *arguments)
{
	return look_once(arguments, LOOK_EXAMINE);
}

static int
run_ask(const struct arguments *arguments UNUSED)
{
	return once_ask();
}

static int
run_audit(const struct arguments *arguments UNUSED)
{
	return audit_run();
}

static int
run_answer(const struct arguments *arguments)
{
	return answer_run(arguments->config ? arguments->config : ANSWER_CONFIG);
}

static int
run_clients(const struct arguments *arguments UNUSED)
{
	struct error err;

	if (clients_run(&err) < 0) {
		log_error("%s; `timetier clients` tells it what to do", err.text);
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

static int
run_collect(const struct arguments *arguments)
{
	if (arguments->config) {
		log_error("collect reads no agent.conf: leave --config away");
		return EXIT_USAGE;
	}
	return collect_run("");
}

static const struct {
	const char *name;
	int (*run)(const struct arguments *arguments);
} commands[] = {
	{ "run", run_service },
	{ "status", run_status },
	{ "verdict", run_verdict },
	{ "first-set", run_first_set },
	{ "ask", run_ask },
	{ "audit", run_audit },
	{ "answer", run_answer },
	{ "clients", run_clients },
	{ "collect", run_collect },
	{ "examine", run_examine },
};

static int
run_command(const struct arguments *arguments)
{
	struct nearest nearest = { .word = arguments->command };

	for (size_t i = 0; i < COUNT(commands); i++) {
		if (strcmp(arguments->command, commands[i].name) == 0) {
			return commands[i].run(arguments);
		}
		nearest_offer(&nearest, commands[i].name);
	}
	fprintf(stderr,
	    "timetier-agent: no command \"%s\"%s%s%s; `timetier-agent --help` lists them\n",
	    arguments->command, nearest.best ? ", did you mean \"" : "",
	    nearest.best ? nearest.best : "", nearest.best ? "\"?" : "");
	return EXIT_USAGE;
}

/* What could not be printed is told, and is no success. */
static int
finish(int status)
{
	struct error err;

	if (streams_end(&err) == 0) {
		return status;
	}
	fprintf(stderr, "timetier-agent: %s\n", err.text);
	return status == EXIT_OK ? EXIT_USAGE : status;
}

int
main(int argc, char **argv)
{
	const char *state = getenv("STATE_DIRECTORY");
	struct arguments arguments = { .state = state ? state : STATE_FOLDER, .command = "run" };
	int parsed;

	streams_open();
	parsed = parse_arguments(argc, argv, &arguments);

	log_setup(LOG_LEVEL_INFO,
	    arguments.syslog               ? LOG_TARGET_SYSLOG
		: getenv("JOURNAL_STREAM") ? LOG_TARGET_JOURNAL
					   : LOG_TARGET_STDERR);
	if (parsed < 0) {
		fputs("usage: timetier-agent [COMMAND] [OPTION...] (--help tells more)\n", stderr);
		return EXIT_USAGE;
	}
	return finish(parsed > 0 ? EXIT_OK : run_command(&arguments));
}
