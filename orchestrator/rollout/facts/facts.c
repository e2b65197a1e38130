/* Questions to a host, and what it answers.  Long, because each kind of record has a function. */
#include "orchestrator/rollout/facts/facts.h"

#include "common/shown.h"
#include "daemons/setters/setters.h"
#include "orchestrator/rollout/facts/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The second leads to the first on most systems, and is a file of its own on the others. */
#define OS_RELEASE_FILE "/usr/lib/os-release"
#define OS_RELEASE_OWN "/etc/os-release"
#define QUESTION_BYTES 160
#define SHELL_MS_MAX 600000 /* no host has so long to answer */

/* Ask what @line asks, unless it is asked already: places of a daemon have paths in common. */
static void
ask(struct buf *questions, const char *verb, const char *words)
{
	char line[QUESTION_BYTES];

	snprintf(line, sizeof(line), "\n%s %s\n", verb, words);
	if (!strstr(buf_str(questions), line)) {
		buf_text(questions, line + 1);
	}
}

/* The driver after @last in a walk over every place of all that can be configured; NULL: the end.
 */
static const struct daemon_driver *
next_place(size_t *kind, size_t *place)
{
	const struct daemon_driver *driver = NULL;

	while (daemon_drivers[*kind] && !driver) {
		driver = platform_place(daemon_drivers[*kind]->kind, (*place)++);
		if (!driver) {
			(*kind)++;
			*place = 0;
		}
	}
	return driver;
}

static void
ask_files(struct buf *questions, const struct daemon_file *files)
{
	for (; files->template_name; files++) {
		ask(questions, "file", files->path);
	}
}

/* The first driver of the walk whose daemon is started by @unit; NULL: none. */
static const struct daemon_driver *
driver_of_unit(const char *unit)
{
	const struct daemon_driver *driver;

	for (size_t kind = 0, place = 0; (driver = next_place(&kind, &place));) {
		if (strcmp(driver->unit, unit) == 0) {
			return driver;
		}
	}
	return NULL;
}

/* Ask for the units of all drivers, each once; what is no unit of systemd has no suffix. */
static void
ask_units(struct buf *questions)
{
	const struct daemon_driver *driver;

	for (size_t kind = 0, place = 0; (driver = next_place(&kind, &place));) {
		if (daemon_has_unit(driver) && driver_of_unit(driver->unit) == driver) {
			buf_printf(questions, " %s", driver->unit);
		}
	}
}

static void
ask_setters(struct buf *questions)
{
	for (const struct setter_program *program = setter_programs; program->units; program++) {
		for (const char *const *unit = program->units; *unit; unit++) {
			if (!driver_of_unit(*unit)) {
				buf_printf(questions, " %s", *unit);
			}
		}
	}
	buf_text(questions, "\n");
	for (const char *const *hook = setter_hooks; *hook; hook++) {
		ask(questions, "hook", *hook);
	}
}

/* Ask for the files that the daemon's configuration brings in. */
static void
ask_includes(struct buf *questions, const struct daemon_driver *driver)
{
	static const char *const languages[] = {
		[DAEMON_INCLUDES_CHRONY] = "chrony",
		[DAEMON_INCLUDES_NTP] = "ntp",
		[DAEMON_INCLUDES_NTPSEC] = "ntpsec",
	};
	char words[QUESTION_BYTES];

	if (driver->includes < COUNT(languages) && languages[driver->includes]) {
		snprintf(words, sizeof(words), "%s %s", languages[driver->includes],
		    driver->config_path);
		ask(questions, "includes", words);
	}
}

/* What system it is is known only with the answers: all places are asked for. */
/* Who may have to read the key: the users of all daemons that may be found. */
static void
ask_proof(struct buf *questions, const struct fact_proof *proof)
{
	const struct daemon_driver *driver;

	buf_printf(questions, "proof %s %s", proof->certificate, proof->key);
	for (size_t kind = 0, place = 0; (driver = next_place(&kind, &place));) {
		if (driver->features & DAEMON_NTS && driver->features & DAEMON_SERVES) {
			buf_printf(questions, " %s", driver->user);
		}
	}
	buf_text(questions, "\n");
}

void
facts_questions(struct buf *questions, const struct fact_proof *proof, bool fresh)
{
	const struct daemon_driver *driver;

	/* first: so we know when the files were read while a change was at work */
	buf_text(questions, "changes\nfile " OS_RELEASE_FILE "\nfile " OS_RELEASE_OWN "\n");
	for (size_t kind = 0, place = 0; (driver = next_place(&kind, &place));) {
		ask_files(questions, driver->files);
		for (const char *const *glob = driver->beside; glob && *glob; glob++) {
			ask(questions, "beside", *glob);
		}
		ask_includes(questions, driver);
	}
	ask_files(questions, daemon_first_set_files);
	ask_files(questions, daemon_first_set_good_files);
	ask_files(questions, daemon_verify_files);
	for (const struct agent_service *service = agent_services; service->name; service++) {
		ask_files(questions, service->files);
	}
	buf_text(questions, "file " AGENT_STATE "\nfile " MANIFEST_PATH "\n");
	fact_machine_questions(questions);
	if (proof) {
		ask_proof(questions, proof);
	}
	for (size_t kind = 0, place = 0; (driver = next_place(&kind, &place));) {
		ask(questions, "binary", driver->binary);
		if (driver->binary_beside) {
			ask(questions, "binary", driver->binary_beside);
		}
		if (driver->version_argv) {
			ask(questions, "binary", driver->version_argv[0]);
		}
	}
	buf_printf(questions,
	    "units %s " FIRST_SET_UNIT " " FIRST_SET_GOOD_TIMER " " VERIFY_UNIT
	    " chrony-dnssrv@*.timer",
	    agent_services->name);
	ask_units(questions);
	fact_units_questions(questions);
	ask_setters(questions);
	buf_printf(questions, "agent " AGENT_BINARY "%s\nend\n", fresh ? " --fresh" : "");
}

void
facts_look(struct buf *questions)
{
	buf_text(questions, "agent " AGENT_BINARY "\nend\n");
}

static const char *
keep(struct facts *facts, const struct record *record)
{
	return arena_strdup(&facts->arena, record->text);
}

static const char *
keep_line(struct facts *facts, const struct record *record)
{
	return arena_strndup(&facts->arena, record->text, strcspn(record->text, "\n"));
}

/* The next word of *@words, or NULL. */
static char *
next_word(char **words)
{
	char *word;

	do {
		word = strsep(words, " ");
	} while (word && !*word);
	return word;
}

static bool
add_file(
    struct facts *facts, const struct record *record, const char *path, enum fact_file_state state)
{
	bool whole = state == FACT_FILE_REGULAR; /* its content is compared; the rest is told */
	const char *bytes = whole ? record->bytes : record->text;
	size_t len = whole ? record->len : strlen(record->text);

	if (facts->file_count == FACT_FILES_MAX || path[0] != '/' || facts_file(facts, path)) {
		return false;
	}
	facts->files[facts->file_count++] = (struct fact_file){
		.path = arena_strdup(&facts->arena, path),
		.state = state,
		.content = arena_strndup(&facts->bulk, bytes, len),
		.len = len,
		.owner = "",
		.group = "",
	};
	return true;
}

/* @words: "MODE OWNER GROUP PATH". */
static void
take_file(struct facts *facts, const struct record *record, const char *words)
{
	char *rest = arena_strdup(&facts->arena, words), *end;
	const char *mode = next_word(&rest), *owner = next_word(&rest), *group = next_word(&rest);
	struct fact_file *file;
	unsigned long bits;

	if (!group || !rest) {
		return;
	}
	bits = strtoul(mode, &end, 8);
	if (*end || bits > 07777 || !add_file(facts, record, rest, FACT_FILE_REGULAR)) {
		return;
	}
	file = &facts->files[facts->file_count - 1];
	file->mode = (unsigned)bits;
	file->owner = owner;
	file->group = group;
}

static void
take_units(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	facts->unit_count = fact_units_take(&facts->arena, record, facts->units, facts->unit_count);
}

static void
take_found(struct facts *facts, const struct record *record, const char *words)
{
	size_t before = facts->file_count;

	take_file(facts, record, words);
	if (facts->file_count > before) {
		facts->files[before].found = true;
	}
}

static void
take_binary(struct facts *facts, const struct record *record, const char *path)
{
	if (facts->binary_count < FACT_BINARIES_MAX) {
		facts->binaries[facts->binary_count++] = (struct fact_binary){
			arena_strdup(&facts->arena, path),
			keep(facts, record),
		};
	}
}

static void
take_status(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	struct report *report;

	if (facts->asked_agent) {
		return; /* a report is large; there is one */
	}
	facts->asked_agent = true;
	report = arena_alloc(&facts->bulk, sizeof(*report));
	if (report_decode(record->bytes, record->len, report, NULL) == 0) {
		facts->agent_status = report;
	}
}

static void
take_uid(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	char *end;
	unsigned long uid = strtoul(record->text, &end, 10);

	facts->uid = *end || record->len == 0 || uid > UINT32_MAX ? UINT32_MAX : (unsigned)uid;
}

/* Keep @path when it is a hook that we asked for, and only once. */
static void
take_hook(struct facts *facts, const struct record *record UNUSED, const char *path)
{
	for (size_t i = 0; i < facts->hook_count; i++) {
		if (strcmp(facts->hooks[i], path) == 0) {
			return;
		}
	}
	for (const char *const *hook = setter_hooks; *hook; hook++) {
		if (strcmp(*hook, path) == 0 && facts->hook_count < FACT_HOOKS_MAX) {
			facts->hooks[facts->hook_count++] = *hook;
		}
	}
}

/* The record has one path in each line. */
static void
take_beside(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	char *text = arena_strdup(&facts->arena, record->text), *line;

	while ((line = strsep(&text, "\n"))) {
		if (*line == '/' && facts->beside_count < FACT_BESIDE_MAX) {
			facts->beside[facts->beside_count++] = line;
		}
	}
}

static const struct fact_file *
os_release(const struct facts *facts)
{
	const struct fact_file *own = facts_file(facts, OS_RELEASE_OWN);

	return own && own->state == FACT_FILE_REGULAR ? own : facts_file(facts, OS_RELEASE_FILE);
}

/* The value of the line PRETTY_NAME="Debian GNU/Linux 12 (bookworm)" of os-release, or "". */
static const char *
read_os(struct facts *facts)
{
	static const char key[] = "PRETTY_NAME=";
	const struct fact_file *file = os_release(facts);
	const char *line = file ? strstr(file->content, key) : NULL;

	if (!line) {
		return "";
	}
	line += sizeof(key) - 1;
	line += *line == '"';
	return shown_words(&facts->arena, line, strcspn(line, "\"\n"));
}

static enum platform_init
init_of(const struct facts *facts)
{
	return facts->systemd ? INIT_SYSTEMD : facts->openrc ? INIT_OPENRC : INIT_RC_D;
}

static void
find_platform(struct facts *facts)
{
	const struct fact_file *file = os_release(facts);
	struct platform_words words;

	platform_words_read(file && file->state == FACT_FILE_REGULAR ? file->content : "", &words);
	facts->platform = platform_of(&words, init_of(facts));
	facts->os_id = shown_words(&facts->arena, words.id, strlen(words.id));
}

static void
take_absent(struct facts *facts, const struct record *record, const char *path)
{
	add_file(facts, record, path, FACT_FILE_ABSENT);
}

static void
take_link(struct facts *facts, const struct record *record, const char *path)
{
	add_file(facts, record, path, FACT_FILE_LINK);
}

static void
take_odd(struct facts *facts, const struct record *record, const char *path)
{
	add_file(facts, record, path, FACT_FILE_ODD);
}

static void
take_huge(struct facts *facts, const struct record *record, const char *path)
{
	add_file(facts, record, path, FACT_FILE_HUGE);
}

static void
take_last(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	fact_change_take(&facts->arena, record, &facts->last);
}

static void
take_unfinished(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	fact_change_take(&facts->arena, record, &facts->unfinished);
}

static void
take_lock(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	fact_change_take(&facts->arena, record, &facts->lock);
}

static void
take_via(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	ip_parse(record->text, &facts->via);
}

static void
take_shell(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	char *end;
	unsigned long ms = strtoul(record->text, &end, 10);

	if (record->len > 0 && !*end && ms <= SHELL_MS_MAX) {
		facts->shell_ns = (int64_t)ms * NS_PER_MS;
	}
}

static void
take_measures(struct facts *facts, const struct record *record UNUSED, const char *words UNUSED)
{
	facts->measures = true;
}

static void
take_arch(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	facts->arch = keep_line(facts, record);
}

static void
take_libc(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	facts->libc = keep(facts, record);
}

static void
take_loaders(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	facts->loaders = arena_printf(
	    &facts->arena, "\n%.*s\n", (int)record->len, record->len > 0 ? record->bytes : "");
}

static void
take_systemd(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	facts->systemd = record->len > 0;
}

static void
take_openrc(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	static const char lacks[] = "lacks ";

	facts->openrc = record->len > 0;
	facts->lacks = strncmp(record->text, lacks, strlen(lacks)) == 0
	    ? shown_words(&facts->arena, record->text + strlen(lacks), record->len - strlen(lacks))
	    : "";
}

static void
take_hash(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	facts->agent_hash = keep_line(facts, record);
}

static void
take_end(struct facts *facts, const struct record *record UNUSED, const char *words UNUSED)
{
	facts->complete = true;
	facts->os = read_os(facts);
	find_platform(facts);
}

/* A row for each record of remote/facts.sh: its first word; @words is what follows that word. */
static const struct {
	const char *verb;
	void (*take)(struct facts *facts, const struct record *record, const char *words);
} fact_rows[] = {
	{ "file", take_file },
	{ "found", take_found },
	{ "absent", take_absent },
	{ "link", take_link },
	{ "odd", take_odd },
	{ "huge", take_huge },
	{ "beside", take_beside },
	{ "binary", take_binary },
	{ "units", take_units },
	{ "hook", take_hook },
	{ "last", take_last },
	{ "change", take_unfinished },
	{ "lock", take_lock },
	{ "uid", take_uid },
	{ "via", take_via },
	{ "shell", take_shell },
	{ "measures", take_measures },
	{ "arch", take_arch },
	{ "libc", take_libc },
	{ "loaders", take_loaders },
	{ "systemd", take_systemd },
	{ "openrc", take_openrc },
	{ "agent-hash", take_hash },
	{ "agent-status", take_status },
	{ "end", take_end },
};

void
facts_take(struct facts *facts, const struct record *record)
{
	const char *words;

	for (size_t i = 0; i < COUNT(fact_rows); i++) {
		if ((words = record_words(record, fact_rows[i].verb))) {
			fact_rows[i].take(facts, record, words);
			return;
		}
	}
	fact_machine_take(&facts->arena, record, &facts->machine);
}

const char *
facts_verb(size_t index)
{
	return index < COUNT(fact_rows) ? fact_rows[index].verb
					: fact_machine_verb(index - COUNT(fact_rows));
}

static const char *
shared_content(const struct fact_file *file, const struct file_set *const *sets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct file_entry *entry = file_set_find(sets[i], file->path);

		if (entry && entry->len == file->len &&
		    (file->len == 0 || memcmp(entry->content, file->content, file->len) == 0)) {
			return entry->content;
		}
	}
	return NULL;
}

void
facts_slim(struct facts *facts, const struct file_set *const *sets, size_t count)
{
	struct arena own = { .blocks = NULL };

	for (size_t i = 0; i < facts->file_count; i++) {
		struct fact_file *file = &facts->files[i];
		const char *shared = file->len > 0 ? shared_content(file, sets, count) : "";

		file->content = shared ? shared : arena_strndup(&own, file->content, file->len);
	}
	arena_free(&facts->bulk);
	facts->bulk = own;
	facts->agent_status = NULL;
}

void
facts_done(struct facts *facts)
{
	arena_free(&facts->arena);
	arena_free(&facts->bulk);
	*facts = (struct facts){ .complete = false };
}

const struct fact_file *
facts_file(const struct facts *facts, const char *path)
{
	for (size_t i = 0; i < facts->file_count; i++) {
		if (strcmp(facts->files[i].path, path) == 0) {
			return &facts->files[i];
		}
	}
	return NULL;
}

const char *
facts_untold(const struct facts *facts)
{
	return !facts->agent_hash ? "there is no agent on the host"
				  : "the agent on the host gave no answer that can be read";
}

const struct fact_unit *
facts_unit(const struct facts *facts, const char *name)
{
	return fact_units_find(facts->units, facts->unit_count, name);
}

const struct agent_service *
facts_agent_service(const struct facts *facts)
{
	return agent_service(init_of(facts));
}

const struct fact_unit *
facts_agent_unit(const struct facts *facts)
{
	return facts_unit(facts, facts_agent_service(facts)->name);
}
