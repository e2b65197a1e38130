#include "orchestrator/lint/findings.h"

#include "common/buf.h"
#include "common/json_fields.h"
#include "common/version.h"

#include <assert.h>
#include <string.h>

static json_t *
text_json(const char *text)
{
	return text ? fields_lines(text) : json_null();
}

/* The formats of json_pack() are constant, so it fails only for lack of memory. */
static json_t *
packed(json_t *json)
{
	assert(json);
	return json;
}

static const char *
family_title(const struct lint_rule *rule)
{
	const struct lint_family *family = lint_families;

	while (family->prefix && !lint_rule_is_of(rule, family)) {
		family++;
	}
	return family->title;
}

json_t *
rule_json(const struct lint_rule *rule)
{
	json_t *judged = json_array();

	for (size_t i = 0; i < LINT_PLACES; i++) {
		if (lint_rule_is_judged(rule, &lint_places[i])) {
			json_array_append_new(judged, json_string(lint_places[i].name));
		}
	}
	return packed(json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:s?, s:s?}", "name",
	    rule->id, "number", rule->number, "family", family_title(rule), "severity",
	    severity_name(rule->severity), "judged", judged, "summary", rule->summary, "source",
	    rule->source, "remedy", rule->remedy, "why", rule->why, "instead", rule->instead));
}

static json_t *
finding_json(const struct diag *diag)
{
	const struct lint_rule *rule = lint_rule_find(diag->rule, NULL);

	return packed(json_pack("{s:o, s:i, s:i, s:s, s:s, s:s?, s:o, s:o, s:s?, s:s?}", "file",
	    text_json(diag->pos.file), "line", (int)diag->pos.line, "column", (int)diag->pos.column,
	    "severity", severity_name(diag->severity), "rule", diag->rule, "number",
	    rule ? rule->number : NULL, "text", text_json(diag->text), "accepted",
	    text_json(diag->accepted), "source", rule ? rule->source : NULL, "remedy",
	    rule ? rule->remedy : NULL));
}

json_t *
findings_json(const struct diags *diags, const char *file)
{
	json_t *list = json_array();

	for (size_t i = 0; i < diags->count; i++) {
		json_array_append_new(list, finding_json(&diags->list[i]));
	}
	return packed(json_pack("{s:o, s:I, s:I, s:I, s:I, s:o}", "file", text_json(file), "errors",
	    (json_int_t)diags->errors, "warnings", (json_int_t)diags->warnings, "accepted",
	    (json_int_t)diags->accepted, "not_shown", (json_int_t)diags->dropped, "findings",
	    list));
}

/* @path as a URI reference. */
static json_t *
uri_json(const char *path)
{
	struct buf uri = { 0 };
	json_t *json;

	if (path[0] == '/') {
		buf_text(&uri, "file://");
	}
	for (const char *p = path; *p; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		    (*p >= '0' && *p <= '9') || strchr("-._~/", *p);

		if (plain) {
			buf_add(&uri, p, 1);
		} else {
			buf_printf(&uri, "%%%02X", (unsigned)(unsigned char)*p);
		}
	}
	json = json_string(buf_str(&uri));
	buf_free(&uri);
	return packed(json);
}

static json_t *
location_sarif(struct pos pos)
{
	json_t *physical =
	    packed(json_pack("{s:{s:o}}", "artifactLocation", "uri", uri_json(pos.file)));

	if (pos.line > 0) {
		json_t *region = packed(json_pack("{s:i}", "startLine", (int)pos.line));

		if (pos.column > 0) {
			json_object_set_new(
			    region, "startColumn", json_integer((json_int_t)pos.column));
		}
		json_object_set_new(physical, "region", region);
	}
	return packed(json_pack("{s:o}", "physicalLocation", physical));
}

static json_t *
result_sarif(const struct diag *diag)
{
	json_t *result = packed(json_pack("{s:s, s:s, s:{s:o}, s:[]}", "ruleId", diag->rule,
	    "level", severity_name(diag->severity), "message", "text", text_json(diag->text),
	    "locations"));

	for (size_t i = 0; i < lint_rule_count(); i++) {
		if (strcmp(lint_rule_at(i)->id, diag->rule) == 0) {
			json_object_set_new(result, "ruleIndex", json_integer((json_int_t)i));
		}
	}
	if (diag->pos.file) {
		json_array_append_new(
		    json_object_get(result, "locations"), location_sarif(diag->pos));
	}
	if (diag->accepted) {
		json_object_set_new(result, "suppressions",
		    packed(json_pack("[{s:s, s:o}]", "kind", "external", "justification",
			text_json(diag->accepted))));
	}
	return result;
}

static json_t *
rule_sarif(const struct lint_rule *rule)
{
	return packed(json_pack("{s:s, s:{s:s}, s:{s:s}, s:{s:s++}, s:{s:s}, s:{s:s}}", "id",
	    rule->id, "shortDescription", "text", rule->summary, "fullDescription", "text",
	    rule->why ? rule->why : rule->summary, "help", "text", rule->remedy,
	    "\nSource: ", rule->source, "defaultConfiguration", "level",
	    severity_name(rule->severity), "properties", "number", rule->number));
}

json_t *
findings_sarif(const struct diags *diags)
{
	json_t *rules = json_array(), *results = json_array();

	for (size_t i = 0; i < lint_rule_count(); i++) {
		json_array_append_new(rules, rule_sarif(lint_rule_at(i)));
	}
	for (size_t i = 0; i < diags->count; i++) {
		json_array_append_new(results, result_sarif(&diags->list[i]));
	}
	/* columnKind: libyaml counts columns in characters, not bytes */
	return packed(json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:s, s:o, s:{s:I}}]}",
	    "$schema", "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0", "runs",
	    "tool", "driver", "name", "timetier", "version", TIMETIER_VERSION, "rules", rules,
	    "columnKind", "unicodeCodePoints", "results", results, "properties", "notShown",
	    (json_int_t)diags->dropped));
}
