/* Questions to a host, and what it answers.  Long, because each kind of record has a function. */
#include "orchestrator/rollout/facts/facts.h"

#include "common/shown.h"
#include "daemons/setters/setters.h"
#include "orchestrator/rollout/facts/manifest.h"

#include <stdlib.h>
#include <string.h>

#define OS_RELEASE_FILE "/usr/lib/os-release"
#define SHELL_MS_MAX 600000 /* no host has so long to answer */

static const char *const agent_files[] = { AGENT_CONFIG, AGENT_UNIT_FILE };

static void
ask_binaries(struct buf *questions)
{
	for (size_t i = 0; daemon_drivers[i]; i++) {
		bool asked = false;

		for (size_t k = 0; k < i; k++) {
			asked |= strcmp(daemon_drivers[i]->binary, daemon_drivers[k]->binary) == 0;
		}
		if (!asked) {
			buf_printf(questions, "binary %s\n", daemon_drivers[i]->binary);
		}
	}
}

static void
ask_files(struct buf *questions, const struct daemon_file *files)
{
	for (; files->path; files++) {
		buf_printf(questions, "file %s\n", files->path);
	}
}

/* Whether it is the unit by which a driver starts its daemon. */
static bool
is_drivers(const char *unit)
{
	for (size_t i = 0; daemon_drivers[i]; i++) {
		if (strcmp(daemon_drivers[i]->unit, unit) == 0) {
			return true;
		}
	}
	return false;
}

static void
ask_setters(struct buf *questions)
{
	for (const struct setter_program *program = setter_programs; program->units; program++) {
		for (const char *const *unit = program->units; *unit; unit++) {
			if (!is_drivers(*unit)) {
				buf_printf(questions, " %s", *unit);
			}
		}
	}
	buf_text(questions, "\n");
	for (const char *const *hook = setter_hooks; *hook; hook++) {
		buf_printf(questions, "hook %s\n", *hook);
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

	if (driver->includes < COUNT(languages) && languages[driver->includes]) {
		buf_printf(questions, "includes %s %s\n", languages[driver->includes],
		    driver->config_path);
	}
}

void
facts_questions(struct buf *questions, bool fresh)
{
	/* first: so we know when the files were read while a change was at work */
	buf_text(questions, "changes\nfile " OS_RELEASE_FILE "\n");
	for (size_t i = 0; daemon_drivers[i]; i++) {
		ask_files(questions, daemon_drivers[i]->files);
		for (const char *const *glob = daemon_drivers[i]->beside; glob && *glob; glob++) {
			buf_printf(questions, "beside %s\n", *glob);
		}
		ask_includes(questions, daemon_drivers[i]);
	}
	ask_files(questions, daemon_first_set_files);
	ask_files(questions, daemon_first_set_good_files);
	ask_files(questions, daemon_verify_files);
	for (size_t i = 0; i < COUNT(agent_files); i++) {
		buf_printf(questions, "file %s\n", agent_files[i]);
	}
	buf_text(questions, "file " AGENT_STATE "\nfile " MANIFEST_PATH "\n");
	fact_machine_questions(questions);
	ask_binaries(questions);
	buf_text(questions,
	    "units " AGENT_UNIT " " FIRST_SET_UNIT " " VERIFY_UNIT " chrony-dnssrv@*.timer");
	for (size_t i = 0; daemon_drivers[i]; i++) {
		buf_printf(questions, " %s", daemon_drivers[i]->unit);
	}
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

/* The value of the line PRETTY_NAME="Debian GNU/Linux 12 (bookworm)" of os-release, or "". */
static const char *
read_os(struct facts *facts)
{
	static const char key[] = "PRETTY_NAME=";
	const struct fact_file *file = facts_file(facts, OS_RELEASE_FILE);
	const char *line = file ? strstr(file->content, key) : NULL;

	if (!line) {
		return "";
	}
	line += sizeof(key) - 1;
	line += *line == '"';
	return shown_words(&facts->arena, line, strcspn(line, "\"\n"));
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
take_hash(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	facts->agent_hash = keep_line(facts, record);
}

static void
take_end(struct facts *facts, const struct record *record UNUSED, const char *words UNUSED)
{
	facts->complete = true;
	facts->os = read_os(facts);
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

bool
facts_installed(const struct facts *facts, const struct daemon_driver *driver)
{
	for (size_t i = 0; i < facts->binary_count; i++) {
		if (strcmp(facts->binaries[i].path, driver->binary) == 0) {
			return strstr(facts->binaries[i].version, driver->binary_has) != NULL;
		}
	}
	return false;
}

static bool
is_active(const struct facts *facts, const char *name)
{
	const struct fact_unit *unit = facts_unit(facts, name);

	return unit && unit->active;
}

/* A daemon of the host that timetier watches and never configures; NULL: there is none. */
static const struct daemon_driver *
find_watched(const struct facts *facts)
{
	for (size_t i = 0; daemon_known[i]; i++) {
		const struct fact_unit *unit = facts_unit(facts, daemon_known[i]->unit);

		if (!is_drivers(daemon_known[i]->unit) && unit && unit->loaded) {
			return daemon_known[i];
		}
	}
	return NULL;
}

/* Nobody shall install a daemon and be surprised by a step. */
static void
say_not_installed(const struct daemon_driver *driver, struct error *err)
{
	error_set(err,
	    "%s is not installed (package %s). Mind that on Debian its installation also starts "
	    "%s, whose %s may step the clock: `systemctl mask %s` before it, and unmask after it, "
	    "leave the start to timetier",
	    driver->title, driver->package, driver->unit, driver->first_start, driver->unit);
}

static void
say_none_installed(const struct facts *facts, struct error *err)
{
	const struct daemon_driver *watched = find_watched(facts);

	if (watched) {
		error_set(err,
		    "found %s, which timetier only watches: install chrony, ntpsec or ntp to have "
		    "this host configured, or leave it as it is and let an agent report (`timetier "
		    "agent install`)",
		    watched->title);
		return;
	}
	error_set(
	    err, "none of the time daemons that timetier knows is installed (chrony, ntpsec, ntp)");
}

const struct daemon_driver *
facts_driver(const struct facts *facts, const char *daemon, struct error *err)
{
	const struct daemon_driver *found = NULL;

	if (strcmp(daemon, "auto") != 0) {
		found = daemon_find(daemon);
		if (!found) {
			error_set(err, "timetier has no driver for %s", daemon);
		} else if (!facts_installed(facts, found)) {
			say_not_installed(found, err);
			found = NULL;
		}
		return found;
	}
	for (size_t i = 0; daemon_drivers[i]; i++) {
		if (!facts_installed(facts, daemon_drivers[i])) {
			continue;
		}
		if (is_active(facts, daemon_drivers[i]->unit)) {
			return daemon_drivers[i];
		}
		found = found ? found : daemon_drivers[i];
	}
	if (!found) {
		say_none_installed(facts, err);
	}
	return found;
}

/* The rivals that are gathered. */
struct rivals {
	struct rival *list;
	size_t count;
};

static void
add_rival(struct rivals *rivals, const struct rival *rival)
{
	for (size_t i = 0; i < rivals->count; i++) {
		if (strcmp(rivals->list[i].name, rival->name) == 0) {
			return;
		}
	}
	if (rivals->count < FACT_RIVALS_MAX) {
		rivals->list[rivals->count++] = *rival;
	}
}

static void
add_unit(const struct facts *facts, const char *name, struct rivals *rivals)
{
	const struct fact_unit *unit = facts_unit(facts, name);

	if (unit && (unit->active || unit->enabled)) {
		add_rival(rivals,
		    &(struct rival){
			.name = name, .active = unit->active, .enabled = unit->enabled });
	}
}

bool
facts_is_own_unit(const struct daemon_driver *driver, const char *unit)
{
	const char *const *other = driver ? driver->other_units : NULL;

	for (; other && *other; other++) {
		if (strcmp(*other, unit) == 0) {
			return true;
		}
	}
	return driver && strcmp(driver->unit, unit) == 0;
}

/* Add what the agent found, as far as a rollout may switch it off. */
static void
add_found(const struct report *report, const struct daemon_driver *driver, struct rivals *rivals)
{
	for (size_t i = 0; i < report->rival_count; i++) {
		const struct report_rival *found = &report->rivals[i];
		size_t len = strlen(found->unit);

		if (setter_unit_switches_off(found->unit) &&
		    !facts_is_own_unit(driver, found->unit)) {
			add_rival(rivals,
			    &(struct rival){ .name = found->unit,
				.timer = strcmp(found->unit + len - 6, ".timer") == 0,
				.active = found->active,
				.enabled = found->enabled });
		} else if (setter_hook_switches_off(found->hook)) {
			add_rival(rivals, &(struct rival){ .name = found->hook, .hook = true });
		}
	}
}

size_t
facts_rivals(const struct facts *facts, const struct daemon_driver *driver,
    struct rival list[FACT_RIVALS_MAX])
{
	struct rivals rivals = { .list = list };

	for (size_t i = 0; daemon_drivers[i]; i++) {
		if (daemon_drivers[i] != driver) {
			add_unit(facts, daemon_drivers[i]->unit, &rivals);
		}
	}
	for (const struct setter_program *program = setter_programs; program->units; program++) {
		for (const char *const *unit = program->units; *unit; unit++) {
			if (!is_drivers(*unit) && !facts_is_own_unit(driver, *unit)) {
				add_unit(facts, *unit, &rivals);
			}
		}
	}
	for (size_t i = 0; i < facts->hook_count; i++) {
		add_rival(&rivals, &(struct rival){ .name = facts->hooks[i], .hook = true });
	}
	if (facts->agent_status) {
		add_found(facts->agent_status, driver, &rivals);
	}
	return rivals.count;
}
