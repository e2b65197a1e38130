/*
 * Hostile servers and hostile hosts in a run beside a good host, over each transport: the run ends,
 * the good host is done as planned, memory stays small, and nothing of what they sent controls the
 * terminal.  The attacks are in tests/fake_hostile.c (bytes instead of SSH) and below (what is said
 * after a login, by a real sshd).  With SOAK=yes also those that only the end of the time of a run
 * ends, and ten minutes of records that are nearly right.  Long, because the attacks stand beside
 * the runs that they attack.
 */
#include <fcntl.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/streams.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/rollout/facts/facts.h"
#include "orchestrator/rollout/rollout.h"
#include "orchestrator/show/outcome.h"
#include "orchestrator/show/plan.h"
#include "orchestrator/show/progress.h"
#include "orchestrator/show/result.h"
#include "orchestrator/ssh/libssh2/ssh.h"
#include "orchestrator/ssh/system/system.h"
#include "tests/fake_host.h"
#include "tests/fake_hostile.h"
#include "tests/fake_sshd.h"
#include "tests/sanitized.h"

#define BADS_MAX 48
#define MEMORY_MAX_KB (64 * 1024)
#define SOAK_S 600

/* What a login's shell is on a hostile host. */
struct shell {
	const char *name;
	const char *text; /* of sh; E is HOSTILE_TEXT, record NAME TEXT tells a record */
	bool slow;        /* only the end of its time ends it */
};

/* Facts are told as they are, by the true script; then comes the attack. */
#define AFTER_FACTS                                                                                \
	"n=$(cat $HOME/n 2>/dev/null); echo x$n >$HOME/n\n"                                        \
	"[ \"$n\" ] || exec sh -c \"$SSH_ORIGINAL_COMMAND\"\n"                                     \
	"printf 'timetier-records 1\\n'\n"
#define UP_TO_HEALTH                                                                               \
	AFTER_FACTS "record 'step check' ''; record 'ask begin' ''; head -c 6 >/dev/null\n"        \
		    "record 'step rename' ''; record 'step health' ''; record active \"failed\"\n"

static const struct shell shells[] = {
	{ "says nothing", "exit 0", false },
	{ "complains with escapes", "printf '%s\\n' \"$E\" >&2; exit 1", false },
	{ "zeros without end", "exec cat /dev/zero", false },
	{ "lines without end", "exec yes \"$E\"", false },
	{ "complaints without end", "exec yes \"$E\" >&2", false },
	{ "one complaint without end", "exec cat /dev/zero >&2", false },
	{ "names without end", "printf 'timetier-records 1\\n'; exec yes '0 absent /a\n'", false },
	{ "long names without end",
	    "printf 'timetier-records 1\\n'; exec yes \"0 $(printf %01000d 0)\n\"", false },
	{ "a record that is too long", "printf 'timetier-records 1\\n99999999 file\\n'", false },
	{ "escapes in every fact", "cat $HOME/facts", false },
	{ "a failure with escapes", AFTER_FACTS "record failed \"$(yes \"$E\" | head -c 100000)\"",
	    false },
	{ "an unknown record", AFTER_FACTS "record \"$E\" \"$E\"", false },
	{ "kept, where it was told to put back",
	    UP_TO_HEALTH "record 'ask health' ''; record kept \"$E\"; record done ''", false },
	{ "asks for ever after back", UP_TO_HEALTH "while :; do record 'ask health' ''; done",
	    false },
	{ "puts back, with escapes",
	    UP_TO_HEALTH "record 'ask health' ''; head -c 5 >/dev/null\n"
			 "record 'step put back' ''; record back \"$E\"",
	    false },
	{ "is stuck, with escapes",
	    UP_TO_HEALTH "record 'ask health' ''; head -c 5 >/dev/null\n"
			 "record 'step put back' ''; record stuck \"$E\"",
	    false },
	{ "reports without end",
	    AFTER_FACTS "record 'step check' ''; record 'ask begin' ''; head -c 6 >/dev/null\n"
			"record 'step health' ''; exec yes \"$(record status \"$(yes \"$E\" | "
			"head -c 60000)\")\"",
	    false },
	{ "is silent", "exec sleep 1000", true },
	{ "is slow", "while printf x; do sleep 1; done", true },
	{ "is silent after the facts", AFTER_FACTS "exec sleep 1000", true },
};

static const char shell_head[] =
    "export LC_ALL=C\nE=$(cat $HOME/escapes)\n"
    "record() { printf '%d %s\\n%s\\n' \"${#2}\" \"$1\" \"$2\" 2>/dev/null || exit 1; }\n";

struct way {
	int (*make)(uv_loop_t *loop, const struct ssh_options *options,
	    struct transport **transport, struct error *err);
	void (*end)(struct transport *transport);
};

static const struct way ways[] = { { ssh_transport_new, ssh_transport_free },
	{ system_transport_new, system_transport_free } };

/* The site of a run: hostile hosts, and the good one, which stands last. */
struct scene {
	const struct way *way;
	int64_t timeout_ns; /* of a step of a login */
	pid_t pid;          /* of the run */
	struct fake_host root;
	struct fake_hostile servers[BADS_MAX];
	struct fake_sshd sshds[BADS_MAX];
	size_t server_count, sshd_count;
	struct fake_sshd good;
	unsigned ports[BADS_MAX];
	char names[BADS_MAX + 1][64];
	size_t bads;
};

static struct client_group group = { .name = "clients",
	.budget = { .offset_ns = NS_PER_MS, .error_bound_ns = NS_PER_S } };
static struct address loopback = { .text = "127.0.0.1", .ip = { IP_V4, { 127, 0, 0, 1 } } };

static int
wanted_files(void *ctx UNUSED, const struct host *host UNUSED,
    const struct daemon_driver *driver UNUSED, struct arena *arena, struct file_set *set,
    struct error *err UNUSED)
{
	set->list = arena_alloc(arena, sizeof(*set->list));
	set->list[0] = (struct file_entry){ .path = "/etc/chrony/chrony.conf",
		.content = "new\n",
		.len = 4,
		.mode = 0644,
		.owner = "root",
		.group = "root",
		.action = FILE_ACTION_RESTART };
	set->count = 1;
	return 0;
}

static int64_t
usual(void *ctx UNUSED, const char *daemon UNUSED, enum file_action action UNUSED)
{
	return 0;
}

/* Print all that a run prints. */
static void
show(const struct rollout *rollout)
{
	static const struct estimate_input estimate = {
		.parallel = 1, .confirm_within_ns = NS_PER_S, .usual = usual
	};
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(rollout, &count);

	plan_show(rollout, &estimate, false);
	rollout_show_outcome(rollout, false, false);
	for (size_t i = 0; i < count; i++) {
		fprintf(stderr, "%s: %s: %s\n", hosts[i].host->name,
		    hosts[i].where ? hosts[i].where : "", hosts[i].err.text);
		for (size_t k = 0; k < hosts[i].way_count; k++) {
			fprintf(stderr, "%s\n", hosts[i].ways[k]);
		}
	}
	command_print_json(rollout_outcome_json(rollout, "site"));
}

static void
on_progress(void *ctx, const struct rollout_host *host)
{
	progress_host(ctx, host);
}

/* How a run ended. */
enum ending {
	GOOD, /* the good host is done, and no other one */
	BAD,
	LATE, /* the machine was too slow for the login of the good host: more time is needed */
};

/* The run, in a process of its own. */
static enum ending
go(const struct scene *scene)
{
	static struct host hosts[BADS_MAX + 1];
	static const struct host *list[BADS_MAX + 1];
	static struct topology topology = { .site = "site",
		.rollout = {
		    .batch = 100, .confirm_within_ns = 2 * NS_PER_S, .max_failures = 100 } };
	struct ssh_options options = { .known_hosts = strdup(fake_sshd_path(&scene->good, "known")),
		.timeout_ns = scene->timeout_ns };
	struct rollout_request request = { .topology = &topology,
		.hosts = list,
		.host_count = scene->bads + 1,
		.parallel = (unsigned)scene->bads + 1,
		.files = wanted_files,
		.top = scene->root.top,
		.holder = "a test" };
	struct progress progress;
	struct rollout *rollout;
	struct error err;
	uv_loop_t loop;
	const struct rollout_host *good;
	enum ending ending;
	size_t count;

	for (size_t i = 0; i <= scene->bads; i++) {
		hosts[i] = (struct host){ .name = scene->names[i],
			.role = HOST_CLIENT,
			.addresses = { &loopback, 1 },
			.daemon = "auto",
			.group = &group,
			.ssh = { .user = getpwuid(getuid())->pw_name,
			    .port = i < scene->bads ? scene->ports[i] : scene->good.port,
			    .identity = fake_sshd_path(&scene->good, "id") } };
		hosts[i].ssh.identity = strdup(hosts[i].ssh.identity);
		list[i] = &hosts[i];
	}
	uv_loop_init(&loop);
	if (scene->way->make(&loop, &options, &request.transport, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return BAD;
	}
	progress_start(&progress, false, scene->bads + 1);
	request.loop = &loop;
	request.ctx = &progress;
	request.progress = on_progress;
	rollout = rollout_new(&request);
	rollout_plan(rollout);
	rollout_apply(rollout);
	show(rollout);
	good = &rollout_hosts(rollout, &count)[scene->bads];
	ending = good->outcome == HOST_DONE && rollout_count(rollout, HOST_DONE) == 1 ? GOOD
	    : good->step <= HOST_STEP_CONNECT                                         ? LATE
										      : BAD;
	rollout_free(rollout);
	uv_run(&loop, UV_RUN_DEFAULT);
	scene->way->end(request.transport);
	return ending;
}

static void
add(struct scene *scene, const char *name, unsigned port)
{
	assert_true(scene->bads < BADS_MAX);
	snprintf(scene->names[scene->bads], sizeof(scene->names[0]), "%s", name);
	for (char *at = scene->names[scene->bads]; *at; at++) {
		*at = *at == ' ' || *at == ',' ? '-' : *at;
	}
	scene->ports[scene->bads++] = port;
}

static void
begin(struct scene *scene, const struct way *way)
{
	*scene = (struct scene){ .way = way };
	fake_host_make(&scene->root);
	fake_sshd_start(&scene->good, "");
	fake_sshd_shell("cd %s && cp known_hosts known", scene->good.folder);
}

static char *
read_whole(const char *path, size_t *len)
{
	struct buf text = { .limit_bytes = 0 };
	char bytes[65536];
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	while ((got = read(fd, bytes, sizeof(bytes))) > 0) {
		buf_add(&text, bytes, (size_t)got);
	}
	close(fd);
	buf_add(&text, "", 0);
	*len = text.len;
	return text.data;
}

static void
assert_clean(const struct scene *scene, const char *name)
{
	size_t len;
	char *text = read_whole(fake_sshd_path(&scene->good, name), &len);
	const char *stain = fake_hostile_stain(text, len);

	if (stain) {
		fail_msg(
		    "on %s, at byte %zu of %zu: %.200s", name, (size_t)(stain - text), len, stain);
	}
	free(text);
}

/* The most memory that a run may have. */
static bool
is_small(const struct rusage *usage)
{
	return is_sanitized() || usage->ru_maxrss < MEMORY_MAX_KB;
}

static void
start_run(struct scene *scene)
{
	snprintf(scene->names[scene->bads], sizeof(scene->names[0]), "good");
	fflush(NULL);
	scene->pid = fork();
	if (scene->pid == 0) {
		struct error err;
		int flags = O_WRONLY | O_CREAT | O_TRUNC;
		int out = open(fake_sshd_path(&scene->good, "out"), flags, 0600);
		int complaints = open(fake_sshd_path(&scene->good, "err"), flags, 0600);
		enum ending ending;

		signal(SIGPIPE, SIG_IGN); /* as the program does */
		dup2(out, STDOUT_FILENO);
		dup2(complaints, STDERR_FILENO);
		streams_open();
		ending = go(scene);
		_exit(streams_end(&err) == 0 ? (int)ending : BAD);
	}
}

/* Returns false when the run must have more time. */
static bool
look(struct scene *scene)
{
	struct rusage usage;
	int status;

	assert_int_equal(wait4(scene->pid, &status, 0, &usage), scene->pid);
	assert_clean(scene, "out");
	assert_clean(scene, "err");
	if (WIFEXITED(status) && WEXITSTATUS(status) == LATE &&
	    scene->timeout_ns < 200 * NS_PER_S) {
		return false;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != GOOD) {
		fake_sshd_shell(
		    "cat %s/err; head -c 3000 %s/out", scene->good.folder, scene->good.folder);
		fail_msg("the run ended with status %d", status);
	}
	if (!is_small(&usage)) {
		fail_msg("the run had %ld KiB", usage.ru_maxrss);
	}
	if (getenv("HOSTILE_FIGURES")) {
		print_message("%zu hostile hosts, %ld KiB\n", scene->bads, usage.ru_maxrss);
		fake_sshd_shell("cat %s/err", scene->good.folder);
	}
	assert_string_equal(fake_host_read(&scene->root, "/running"), "new\n");
	return true;
}

static void
finish(struct scene *scene)
{
	while (scene->server_count > 0) {
		fake_hostile_stop(&scene->servers[--scene->server_count]);
	}
	while (scene->sshd_count > 0) {
		fake_sshd_stop(&scene->sshds[--scene->sshd_count]);
	}
	fake_sshd_stop(&scene->good);
	fake_host_remove(&scene->root);
	scene->way = NULL;
}

/* Every fact, with an escape in each word of its name and in its text. */
static void
write_facts(const char *path)
{
	FILE *file = fopen(path, "we");
	static const char body[] =
	    HOSTILE_TEXT "\nId=" HOSTILE_TEXT "\nLoadState=loaded\nActiveState=active\n"
			 "outcome back\nby guard\nholder " HOSTILE_TEXT "\nreason " HOSTILE_TEXT
			 "\n/" HOSTILE_TEXT "\n";
	const char *verb;

	assert_non_null(file);
	fputs("timetier-records 1\n1 uid\n0\n24 binary /usr/sbin/chronyd\nchronyd (chrony) "
	      "version\n",
	    file);
	for (size_t i = 0; (verb = facts_verb(i)); i++) {
		static const char *const tails[] = { " 644 " HOSTILE_TEXT " root "
						     "/etc/chrony/chrony.conf",
			" /etc/" HOSTILE_TEXT, " " HOSTILE_TEXT };

		for (size_t k = 0; k < COUNT(tails) && strcmp(verb, "end") != 0; k++) {
			fprintf(file, "%zu %s%s\n%s\n", sizeof(body) - 1, verb, tails[k], body);
		}
		if (strcmp(verb, "end") != 0 && strcmp(verb, "uid") != 0) {
			fprintf(file, "%zu %s\n%s\n", sizeof(body) - 1, verb, body);
		}
	}
	fputs("1 uid\n0\n0 end\n\n", file);
	fclose(file);
}

static void
start_shell(struct fake_sshd *sshd, const struct shell *shell)
{
	FILE *file;

	fake_sshd_start(
	    sshd, "ForceCommand /bin/sh @/shell\nBanner @/escapes\nHostKey @/ssh_host_ed25519_key");
	write_facts(fake_sshd_path(sshd, "facts"));
	file = fopen(fake_sshd_path(sshd, "escapes"), "we");
	assert_non_null(file);
	fputs(HOSTILE_TEXT "\n", file);
	fclose(file);
	file = fopen(fake_sshd_path(sshd, "shell"), "we");
	assert_non_null(file);
	fprintf(file, "%s%s\n", shell_head, shell->text);
	fclose(file);
}

static void
add_servers(struct scene *scene, unsigned seed)
{
	for (size_t i = 0; fake_hostile_name(i); i++) {
		struct fake_hostile *server = &scene->servers[scene->server_count++];

		fake_hostile_start(server, i, seed + (unsigned)i);
		add(scene, fake_hostile_name(i), server->port);
	}
}

static void
add_shell(struct scene *scene, const struct shell *shell)
{
	struct fake_sshd *sshd = &scene->sshds[scene->sshd_count++];

	start_shell(sshd, shell);
	fake_sshd_shell("cat %s/known_hosts >>%s/known", sshd->folder, scene->good.folder);
	add(scene, shell->name, sshd->port);
}

/*
 * Records of facts.sh with some of their bytes changed; or records of apply.sh mostly in their
 * order, some of them any others, some with wrong lengths, with anything in them.
 */
static const char fuzzer[] =
    "n=$(cat $HOME/n 2>/dev/null); echo x$n >$HOME/n; facts=%u\n"
    "[ \"$n\" ] || [ $facts = 1 ] || exec sh -c \"$SSH_ORIGINAL_COMMAND\"\n"
    "exec awk -v E=\"$E\" -v seed=%u -v facts=$facts -v file=\"$HOME/facts\" '\n"
    "function any(list, parts) { return parts[1 + int(rand() * split(list, parts, \"|\"))] }\n"
    "function body(text, k) {\n"
    "	for (k = int(rand() * 40); k > 0; k--) text = text substr(E letters, 1 + int(rand() * 60), "
    "1)\n"
    "	return rand() < 0.3 ? E text : text }\n"
    "function tell(name, text) {\n"
    "	printf \"%%d %%s\\n%%s\\n\", length(text) + (rand() < 0.01 ? 1 : 0), name, text; fflush() "
    "}\n"
    "BEGIN { srand(seed); letters = \"abc 123 {}[]:,\\\"\\\\|/-\"\n"
    "	while (facts == 1 && (getline line <file) > 0)\n"
    "		if (rand() < 0.998) print line; else print substr(line, 2) any(\"|x|\" E)\n"
    "	if (facts == 1) exit\n"
    "	print \"timetier-records 1\"\n"
    "	order = \"step check|checked 0|before|ask begin|step guard|step rename|step action|log|\"\n"
    "	n = split(order \"step health\", names, \"|\")\n"
    "	for (i = 1; i < 3000; i++) {\n"
    "		name = i <= n ? names[i] : any(\"active|log|status|ask health\")\n"
    "		if (rand() < 0.03) name = any(order \"step put back|back|back "
    "still|stuck|failed|done\")\n"
    "		tell(name, name == \"active\" && rand() < 0.8 ? \"active\" : body(\"\")) } }'\n";

static void
add_fuzzers(struct scene *scene, unsigned *seed)
{
	for (unsigned i = 0; i < 6; i++) {
		char program[3072], name[32];
		struct shell shell = { name, program, false };

		snprintf(name, sizeof(name), "fuzz %u", ++*seed);
		snprintf(program, sizeof(program), fuzzer, i % 2, *seed);
		add_shell(scene, &shell);
	}
}

/* The scenes of the present test. */
static struct scene scenes[COUNT(ways)];

static int
end_scenes(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(scenes); i++) {
		if (scenes[i].way) { /* the test failed */
			finish(&scenes[i]);
		}
	}
	return 0;
}

/* Run a scene again, as if nobody had been there. */
static void
start_again(struct scene *scene)
{
	scene->timeout_ns *= 2;
	for (size_t i = 0; i < scene->sshd_count; i++) {
		unlink(fake_sshd_path(&scene->sshds[i], "n"));
	}
	start_run(scene);
}

/* Run the scenes of both transports at once: most of a run's time is waiting. */
static void
run_scenes(void)
{
	for (size_t i = 0; i < COUNT(ways); i++) {
		scenes[i].timeout_ns = 8 * NS_PER_S;
		start_run(&scenes[i]);
	}
	for (size_t i = 0; i < COUNT(ways); i++) {
		while (!look(&scenes[i])) {
			start_again(&scenes[i]);
		}
		finish(&scenes[i]);
	}
}

static void
a_run_survives_hostile_servers_and_hosts(void **state UNUSED)
{
	unsigned seed = 1;

	for (size_t i = 0; i < COUNT(ways); i++) {
		begin(&scenes[i], &ways[i]);
		add_servers(&scenes[i], seed);
		for (size_t k = 0; k < COUNT(shells); k++) {
			if (!shells[k].slow) {
				add_shell(&scenes[i], &shells[k]);
			}
		}
		add_fuzzers(&scenes[i], &seed);
	}
	run_scenes();
}

/* What stalls is ended by the end of its time alone: 90 s of questions, minutes of a change. */
static void
a_run_survives_hosts_that_stall(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(ways); i++) {
		begin(&scenes[i], &ways[i]);
		for (size_t k = 0; k < COUNT(shells); k++) {
			if (shells[k].slow) {
				add_shell(&scenes[i], &shells[k]);
			}
		}
	}
	run_scenes();
}

static void
a_run_survives_ten_minutes_of_fuzzers(void **state UNUSED)
{
	time_t over = time(NULL) + SOAK_S;
	unsigned seed = (unsigned)time(NULL);

	print_message("seed %u\n", seed);
	while (time(NULL) < over) {
		for (size_t i = 0; i < COUNT(ways); i++) {
			begin(&scenes[i], &ways[i]);
			add_servers(&scenes[i], seed);
			add_fuzzers(&scenes[i], &seed);
			add_fuzzers(&scenes[i], &seed);
		}
		run_scenes();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_run_survives_hostile_servers_and_hosts, end_scenes),
	};
	const struct CMUnitTest soak[] = {
		cmocka_unit_test_teardown(a_run_survives_hostile_servers_and_hosts, end_scenes),
		cmocka_unit_test_teardown(a_run_survives_hosts_that_stall, end_scenes),
		cmocka_unit_test_teardown(a_run_survives_ten_minutes_of_fuzzers, end_scenes),
	};

	if (!fake_sshd_available()) {
		print_message("no sshd to test with\n");
		return 0;
	}
	return getenv("SOAK") ? cmocka_run_group_tests(soak, NULL, NULL)
			      : cmocka_run_group_tests(tests, NULL, NULL);
}
