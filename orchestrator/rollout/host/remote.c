/* Long, because each word that a script of remote/ reads is written here, where one sees that its
 * order is kept. */
#include "orchestrator/rollout/host/remote.h"

#include "common/resource.h"
#include "orchestrator/rollout/host/measured.h"
#include "orchestrator/rollout/host/request.h"
#include "orchestrator/rollout/plan/program.h"
#include "orchestrator/topology/nts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What timetier keeps of itself on a host, beside the agent's state; gone when it is released. */
#define FIRST_SET_STATE "/var/lib/timetier-first-set"
#define OWN_CONFIG "/etc/timetier"
#define OWN_STATE "/var/lib/timetier"
#define WORDS_MAX 1024
#define GUARD_SLACK_S 60 /* for renames, and for slow answers */
#define GUARD_UNIT_S 45  /* for each unit that is started or stopped; most take 1 s */

void
remote_done(struct remote *remote)
{
	buf_free(&remote->head);
	buf_free(&remote->tail);
	*remote = (struct remote){ .blob = NULL };
}

/*
 * Begin the script, which comes on stdin before what it reads: first the values that it gets from
 * us, then its text (add_script()).
 */
static void
begin(struct remote *remote, const struct remote_settings *settings)
{
	buf_printf(&remote->head, "top='%s'\n", settings->top);
}

static void
add_script(struct remote *remote, const char *script)
{
	const struct resource *resource =
	    resource_find(remote_resources, remote_resource_count, script);

	buf_add(&remote->head, resource->bytes, resource->len);
	remote->script_len = remote->head.len;
}

/*
 * The command line is short, and has nothing in it that a login shell could misunderstand: every
 * shell has env.  LC_ALL=C: what sudo says is read (sudo_words.c).
 */
void
remote_line(const struct remote *remote, enum remote_root root, struct buf *line)
{
	static const char *const before[] = {
		[REMOTE_LOGIN] = "",
		[REMOTE_SUDO] = "env LC_ALL=C sudo -n ",
		/* -k: a password that was given before does not count, so that sudo always asks */
		[REMOTE_SUDO_PASSWORD] =
		    "env LC_ALL=C sudo -S -k -p " REMOTE_PROMPT_START "%p" REMOTE_PROMPT_END " ",
		[REMOTE_DOAS] = "env LC_ALL=C doas -n ",
	};

	buf_printf(line, "%s/bin/sh -c '%seval \"$(head -c %zu)\"'", before[root],
	    root == REMOTE_SUDO_PASSWORD ? "echo timetier-\"\"is-root; " : "", remote->script_len);
}

void
remote_facts(struct remote *remote, const struct remote_settings *settings, const struct host *host,
    bool fresh)
{
	const struct nts_settings *nts = host_nts(host);
	const struct fact_proof proof = { nts ? nts->certificate : NULL, nts ? nts->key : NULL };

	begin(remote, settings);
	add_script(remote, "facts.sh");
	facts_questions(&remote->head, nts ? &proof : NULL, fresh);
}

void
remote_look(struct remote *remote, const struct remote_settings *settings)
{
	begin(remote, settings);
	add_script(remote, "facts.sh");
	facts_look(&remote->head);
}

/* Whether @text has only letters, digits and the signs of paths, options and names of units. */
static bool
is_plain(const char *text)
{
	for (const char *at = text; *at; at++) {
		bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');

		if (!letter && !(*at >= '0' && *at <= '9') && !strchr("/._-@:=+~", *at)) {
			return false;
		}
	}
	return *text;
}

/* Add words; each must be plain. */
static int
add_words(struct buf *buf, const char *const *words, struct error *err)
{
	for (size_t i = 0; words[i]; i++) {
		if (!is_plain(words[i])) {
			return error_set(
			    err, "\"%s\" is not fit for a command on the host", words[i]);
		}
		buf_printf(buf, "%s%s", i ? " " : "", words[i]);
	}
	return 0;
}

/* The same, and end the line. */
static int
put_words(struct buf *buf, const char *const *words, struct error *err)
{
	if (add_words(buf, words, err)) {
		return -1;
	}
	buf_text(buf, "\n");
	return 0;
}

/* Add @bytes to the script as one quoted word; they may be anything but zero bytes. */
static void
add_quoted(struct buf *buf, const char *bytes, size_t len)
{
	buf_text(buf, "'");
	while (len > 0) {
		const char *quote = memchr(bytes, '\'', len);
		size_t plain = quote ? (size_t)(quote - bytes) : len;

		buf_add(buf, bytes, plain);
		bytes += plain;
		len -= plain;
		if (quote) {
			buf_text(buf, "'\\''");
			bytes++;
			len--;
		}
	}
	buf_text(buf, "'");
}

/* Whether a shell can hold the file in a word: then the script writes it without a process. */
static bool
is_text(const struct file_entry *entry)
{
	for (size_t i = 0; i < entry->len; i++) {
		char byte = entry->content[i];

		if ((byte < ' ' || byte > '~') && byte != '\n' && byte != '\t') {
			return false;
		}
	}
	return !entry->absent;
}

static int
add_text(struct remote *remote, const struct file_entry *entry, struct error *err)
{
	char mode[16];
	const char *words[] = { "put_text", mode, entry->owner, entry->group, entry->path, NULL };

	if (!is_text(entry)) {
		return 0;
	}
	snprintf(mode, sizeof(mode), "%04o", entry->mode);
	if (add_words(&remote->head, words, err)) {
		return -1;
	}
	buf_text(&remote->head, " ");
	add_quoted(&remote->head, entry->content, entry->len);
	buf_text(&remote->head, "\n");
	return 0;
}

/* Set the shell's variable @name to the text of @script. */
static void
give_script(struct remote *remote, const char *name, const char *script)
{
	const struct resource *resource =
	    resource_find(remote_resources, remote_resource_count, script);

	buf_printf(&remote->head, "%s=", name);
	add_quoted(&remote->head, resource->bytes, resource->len);
	buf_text(&remote->head, "\n");
}

/*
 * Begin the script of a change: give it the words of what starts the services there, the text of
 * undo.sh, and the texts of new files.
 */
static int
begin_change(struct remote *remote, const struct remote_settings *settings,
    const struct facts *facts, const struct host_plan *plan, struct error *err)
{
	begin(remote, settings);
	give_script(remote, "init", facts->systemd ? "systemd.sh" : "openrc.sh");
	give_script(remote, "undo", "undo.sh");
	buf_text(&remote->head, "put_texts() {\n:\n");
	for (size_t i = 0; i < plan->change_count; i++) {
		if (add_text(remote, plan->changes[i].entry, err)) {
			return -1;
		}
	}
	if (plan->manifest.path && add_text(remote, &plan->manifest, err)) {
		return -1;
	}
	buf_text(&remote->head, "}\n");
	return 0;
}

/* Add a file that is no text, or the removal of a file. */
static int
put_file(struct buf *buf, const struct file_entry *entry, struct error *err)
{
	char mode[16], len[24];
	const char *words[] = { "put", mode, entry->owner, entry->group, len, entry->path, NULL };
	const char *drop[] = { "drop", entry->path, NULL };

	if (entry->absent) {
		return put_words(buf, drop, err);
	}
	if (is_text(entry)) {
		return 0;
	}
	snprintf(mode, sizeof(mode), "%04o", entry->mode);
	snprintf(len, sizeof(len), "%zu", entry->len);
	if (put_words(buf, words, err)) {
		return -1;
	}
	buf_add(buf, entry->content, entry->len);
	return 0;
}

/* Add the daemon's own check of its configuration, if it has one and the configuration changes. */
static int
put_check(struct buf *buf, const struct remote_settings *settings,
    const struct daemon_driver *driver, const struct host_plan *plan, struct error *err)
{
	const struct file_change *change = plan_change(plan, driver->config_path);
	const char *words[16] = { "check" };
	char program[WORDS_MAX], staged[WORDS_MAX];

	if (!driver->check_argv || !change || change->entry->absent) {
		return 0;
	}
	snprintf(staged, sizeof(staged), "%s%s.timetier-new", settings->top, driver->config_path);
	for (size_t i = 0; driver->check_argv[i] && i + 2 < COUNT(words); i++) {
		bool file = strcmp(driver->check_argv[i], "{file}") == 0;

		words[i + 1] = file ? staged : driver->check_argv[i];
	}
	snprintf(program, sizeof(program), "%s%s", settings->top, driver->check_argv[0]);
	words[1] = program;
	return put_words(buf, words, err);
}

/* Add an action, and the action that takes it back; @back NULL: none does. */
static void
put_act(struct buf *buf, const char *act, const char *back)
{
	buf_printf(buf, "act %s\n", act);
	if (back) {
		buf_printf(buf, "back %s\n", back);
	}
}

static void
put_unit_act(struct buf *buf, const char *verb, const char *act, const char *unit)
{
	buf_printf(buf, "%s systemctl %s %s\n", verb, act, unit);
}

/* Whether undo.sh starts it again by the same rule as the daemon of the plan. */
static bool
is_revived(const struct host_plan *plan, const struct rival *rival)
{
	return rival->daemon && plan->restart && !plan->asked;
}

/*
 * Disable what else sets the clock; what was on is on again when the change is put back.  A daemon
 * is then started last, and only if its start does not step the clock (put_rival_starts()).
 */
static void
put_rival_acts(struct buf *buf, const struct host_plan *plan)
{
	for (size_t i = 0; i < plan->rival_count; i++) {
		const struct rival *rival = &plan->rivals[i];

		if (rival->hook) {
			buf_printf(
			    buf, "act chmod a-x %s\nback chmod a+x %s\n", rival->name, rival->name);
			continue;
		}
		put_unit_act(buf, "act", "disable --now", rival->name);
		if (rival->enabled) {
			put_unit_act(buf, "back", "enable", rival->name);
		}
		if (rival->active && !is_revived(plan, rival)) {
			put_unit_act(buf, "back", "start", rival->name);
		}
	}
}

/* Start such daemons again; @own: the plan's daemon, which is restarted before; NULL: it is not. */
static void
put_rival_starts(struct buf *buf, const struct host_plan *plan, const struct daemon_driver *own)
{
	for (size_t i = 0; i < plan->rival_count; i++) {
		const struct rival *rival = &plan->rivals[i];

		if (rival->active && is_revived(plan, rival)) {
			if (own) {
				buf_printf(buf, "former %s\n", own->name);
				own = NULL;
			}
			buf_printf(buf, "former %s\n", rival->daemon->name);
			put_unit_act(buf, "revive", "start", rival->name);
		}
	}
}

/* Units that are enabled, opened or closed, each with what takes it back. */
static void
put_own_units(struct buf *buf, const struct host_plan *plan)
{
	const struct {
		bool does;
		const char *act, *back;
	} rows[] = {
		{ plan->first_set_enable, "systemctl enable " FIRST_SET_UNIT,
		    "rm -f " FIRST_SET_UNIT_LINK },
		{ plan->first_set_disable, "systemctl disable " FIRST_SET_UNIT,
		    "systemctl enable " FIRST_SET_UNIT },
		/* its clock was not set, and shall not be now; no way back begins that anew */
		{ plan->first_set_stop, "systemctl stop " FIRST_SET_UNIT, NULL },
		{ plan->good_stop, "systemctl stop " FIRST_SET_GOOD_TIMER,
		    "systemctl start " FIRST_SET_GOOD_TIMER },
		{ plan->verify_begin, "systemctl enable " VERIFY_UNIT, "rm -f " VERIFY_UNIT_LINK },
		{ plan->verify_begin, "systemctl restart " VERIFY_UNIT,
		    "systemctl stop " VERIFY_UNIT },
		/* its file is gone: it cannot be disabled any more */
		{ plan->verify_end, "systemctl stop " VERIFY_UNIT, "systemctl start " VERIFY_UNIT },
		{ plan->verify_end, "rm -f " VERIFY_UNIT_LINK, "systemctl enable " VERIFY_UNIT },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].does) {
			put_act(buf, rows[i].act, rows[i].back);
		}
	}
}

static void
put_daemon_acts(struct buf *buf, const struct plan_input *input, const struct host_plan *plan)
{
	const struct daemon_driver *driver = input->driver;
	bool ran = facts_unit(input->facts, driver->unit)->active;

	put_rival_acts(buf, plan);
	if (plan->enable) {
		put_unit_act(buf, "act", "enable", driver->unit);
		put_unit_act(buf, "back", "disable", driver->unit);
	}
	put_own_units(buf, plan);
	if (plan->restart) {
		put_unit_act(buf, "act", "restart", driver->unit);
		if (!plan->asked) {
			put_unit_act(buf, ran || plan->leaves ? "revive" : "back",
			    ran ? "restart" : "stop", driver->unit);
		}
		put_rival_starts(buf, plan, ran ? driver : NULL);
		buf_text(buf, "fresh\n");
	}
	/* for chrony; no other driver has files with these actions */
	if (plan->rekey) {
		put_act(buf, "chronyc rekey", "chronyc rekey");
	}
	/*
	 * Twice: chrony 4.3 and older sort old and new lines together.  When a changed line sorts
	 * first, they add it before they remove the old one.  Its address is then still in use
	 * ("Could not add source"), and only the next reload adds it.
	 */
	for (int i = 0; plan->reload_sources && i < 2; i++) {
		put_act(buf, "chronyc reload sources", "chronyc reload sources");
	}
	for (size_t i = 0; plan->refresh && driver->refresh_commands[i]; i++) {
		put_act(buf, driver->refresh_commands[i], NULL);
	}
	if (plan_action(plan) != FILE_ACTION_NONE) {
		buf_printf(buf, "unit %s\n", driver->unit);
	}
}

static void
put_agent_acts(struct buf *buf, const struct plan_input *input, const struct host_plan *plan)
{
	const struct agent_service *agent = facts_agent_service(input->facts);
	const struct fact_unit *unit = facts_agent_unit(input->facts);
	bool ran = unit && unit->active;

	if (plan->agent_enable) {
		put_unit_act(buf, "act", "enable", agent->name);
		buf_printf(buf, "back rm -f %s\n", agent->link);
	}
	if (plan->agent_restart) {
		put_unit_act(buf, "act", "restart", agent->name);
		put_unit_act(buf, "back", ran ? "restart" : "stop", agent->name);
		put_act(buf, "sleep 1", NULL);
		put_unit_act(buf, "act", "is-active --quiet", agent->name);
	}
}

static void
put_text(struct buf *buf, const char *verb, const char *text)
{
	buf_printf(buf, "%s ", verb);
	for (const char *at = text; *at; at++) {
		buf_add(buf, *at >= ' ' && *at < 127 ? at : "?", 1);
	}
	buf_text(buf, "\n");
}

/* What the agent asks the servers of the new configuration before anything is changed. */
static void
put_measure(struct buf *buf, const struct plan_input *input)
{
	struct restart_policy policy;
	char *questions;

	plan_policy(input, &policy);
	questions = measured_questions(&policy);
	buf_printf(buf, "measure %s\n", questions);
	free(questions);
}

unsigned
remote_guard_s(const struct remote_settings *settings, const struct host_plan *plan)
{
	unsigned units =
	    plan ? plan->restart + plan->agent_restart + (unsigned)plan->rival_count : 1;

	return settings->confirm_s + GUARD_SLACK_S + units * GUARD_UNIT_S;
}

static void
put_settings(struct buf *buf, const struct remote_settings *settings, const struct host_plan *plan)
{
	put_text(buf, "holder", settings->holder);
	if (*settings->run) {
		put_text(buf, "run", settings->run);
	}
	buf_printf(buf, "wait %u\nguard %u\n", settings->wait_s, remote_guard_s(settings, plan));
}

int
remote_apply(struct remote *remote, const struct remote_settings *settings,
    const struct plan_input *input, const struct host_plan *plan, struct error *err)
{
	bool agent_there = input->facts->agent_hash || plan->agent_upload;

	if (begin_change(remote, settings, input->facts, plan, err)) {
		return -1;
	}
	add_script(remote, "apply.sh");
	put_settings(&remote->head, settings, plan);
	if (input->agent_files) {
		buf_text(&remote->head, "user " AGENT_USER "\n");
	}
	if (file_set_wants(input->files, FIRST_SET_UNIT_FILE)) {
		buf_text(&remote->head, "user " FIRST_SET_USER "\n");
	}
	buf_text(&remote->head, "texts\n");
	for (size_t i = 0; i < plan->change_count; i++) {
		if (put_file(&remote->head, plan->changes[i].entry, err)) {
			return -1;
		}
	}
	if (plan->manifest.path && put_file(&remote->head, &plan->manifest, err)) {
		return -1;
	}
	if (plan->agent_upload) {
		buf_printf(&remote->head, "put 0755 root root %zu " AGENT_BINARY "\n",
		    input->program->len);
		remote->blob = input->program->bytes;
		remote->blob_len = input->program->len;
	}
	if (input->driver && put_check(&remote->tail, settings, input->driver, plan, err)) {
		return -1;
	}
	if (agent_there && plan->measures) {
		put_measure(&remote->tail, input);
	}
	if (agent_there &&
	    (plan->agent_restart || (input->driver && plan_action(plan) != FILE_ACTION_NONE))) {
		buf_text(&remote->tail, "agent " AGENT_BINARY "\n");
		if (plan->leaves) {
			buf_printf(&remote->tail, "asks %s\n", input->driver->name);
		}
	}
	if (plan->reload_units) {
		put_act(&remote->tail, "systemctl daemon-reload", "systemctl daemon-reload");
	}
	if (input->agent_files) {
		put_agent_acts(&remote->tail, input, plan);
	}
	if (input->driver) {
		put_daemon_acts(&remote->tail, input, plan);
	}
	buf_text(&remote->tail, "go\n");
	return 0;
}

int
remote_remove_agent(struct remote *remote, const struct remote_settings *settings,
    const struct facts *facts, const struct host_plan *plan, struct error *err)
{
	const struct agent_service *agent = facts_agent_service(facts);
	const struct fact_unit *unit = facts_agent_unit(facts);
	struct host_plan alone = { .manifest = plan->manifest };

	if (begin_change(remote, settings, facts, &alone, err)) {
		return -1;
	}
	add_script(remote, "apply.sh");
	put_settings(&remote->head, settings, NULL);
	buf_text(&remote->head, "texts\n");
	if (plan->manifest.path && put_file(&remote->head, &plan->manifest, err)) {
		return -1;
	}
	buf_printf(&remote->head, "drop %s\n", agent->link);
	for (const struct daemon_file *file = agent->files; file->template_name; file++) {
		buf_printf(&remote->head, "drop %s\n", file->path);
	}
	if (!plan->keeps_program) {
		buf_text(&remote->head, "drop " AGENT_BINARY "\n");
	}
	if (!plan->releases || (unit && unit->loaded)) {
		put_unit_act(&remote->head, "act", "stop", agent->name);
		put_act(&remote->head, "systemctl daemon-reload", "systemctl daemon-reload");
		put_unit_act(&remote->head, "back", "start", agent->name);
	}
	buf_text(&remote->head, "forget " AGENT_USER " " AGENT_STATE "\n");
	if (plan->releases) {
		buf_text(&remote->head,
		    "forget " FIRST_SET_USER " " FIRST_SET_STATE "\n"
		    "forget " AGENT_USER " " OWN_CONFIG "\n"
		    "forget " AGENT_USER " " OWN_STATE "\n");
	}
	buf_text(&remote->head, "go\n");
	return 0;
}

void
remote_unlock(struct remote *remote, const struct remote_settings *settings, bool force)
{
	begin(remote, settings);
	add_script(remote, "apply.sh");
	put_text(&remote->head, "holder", settings->holder);
	buf_printf(&remote->head, "unlock %s\n", force ? "force" : "");
}

int
remote_errand(struct remote *remote, const struct remote_settings *settings,
    const struct errand *errand, struct error *err)
{
	unsigned limit_s =
	    errand->script || errand->limit_s < ERRAND_S_MAX ? errand->limit_s : ERRAND_S_MAX;

	begin(remote, settings);
	add_script(remote, errand->script ? errand->script : "errand.sh");
	buf_printf(&remote->head, "%zu %u " AGENT_BINARY " ", errand->input_len, limit_s);
	remote->blob = errand->input;
	remote->blob_len = errand->input_len;
	return put_words(&remote->head, errand->words, err);
}
