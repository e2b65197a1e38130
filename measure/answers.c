#include "measure/answers.h"

#include "common/address.h"
#include "common/json_fields.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPAN_MAX (INT64_C(1000000) * NS_PER_S)      /* so that sums of a few never overflow */
#define OFFSET_MAX (INT64_C(4500000000) * NS_PER_S) /* an NTP era is 136 years */

/* A sample with members of the types that tables know. */
struct wire {
	int64_t offset_ns, delay_ns, dispersion_ns, boot_ns, root_delay_ns, root_dispersion_ns;
	unsigned stratum, leap, refid, reference_s, reference_fraction;
};

#define SPAN(member)                                                                               \
	{                                                                                          \
#member, FIELD_INT64, true, FIELD_AT(wire, member), 0, SPAN_MAX, NULL, 0           \
	}
#define NUMBER(member, max)                                                                        \
	{                                                                                          \
#member, FIELD_UINT, true, FIELD_AT(wire, member), 0, max, NULL, 0                 \
	}

static const struct field sample_fields[] = {
	{ "offset_ns", FIELD_INT64, true, FIELD_AT(wire, offset_ns), -OFFSET_MAX, OFFSET_MAX, NULL,
	    0 },
	SPAN(delay_ns),
	SPAN(dispersion_ns),
	{ "boot_ns", FIELD_INT64, true, FIELD_AT(wire, boot_ns), 0, BOOT_MAX, NULL, 0 },
	SPAN(root_delay_ns),
	SPAN(root_dispersion_ns),
	NUMBER(stratum, 15),
	NUMBER(leap, NTP_LEAP_DELETE),
	NUMBER(refid, UINT32_MAX),
	NUMBER(reference_s, UINT32_MAX),
	NUMBER(reference_fraction, UINT32_MAX),
	{ .name = NULL },
};

#define COUNTED(member)                                                                            \
	{                                                                                          \
#member, FIELD_UINT, true, FIELD_AT(measure_target, member), 0, 1000000, NULL, 0   \
	}
#define SAID(member)                                                                               \
	{                                                                                          \
#member, FIELD_TEXT, false, FIELD_AT(measure_target, member), 0, 0, NULL, 0        \
	}

static const struct field target_fields[] = {
	SAID(address),
	COUNTED(sent),
	COUNTED(answered),
	COUNTED(of_name),
	COUNTED(bogus),
	SAID(kiss),
	SAID(why),
	SAID(stranger),
	{ "held", FIELD_BOOL, true, FIELD_AT(measure_target, held), 0, 0, NULL, 0 },
	{ "same_as", FIELD_INT, true, FIELD_AT(measure_target, same_as), -1,
	    MEASURE_TARGETS_MAX - 1, NULL, 0 },
	{ .name = NULL },
};

/* One name that is asked. */
struct wire_name {
	char name[256];
	unsigned addresses, hour, port;
};

static const struct field name_fields[] = {
	{ "name", FIELD_TEXT, true, FIELD_AT(wire_name, name), 0, 0, NULL, 0 },
	{ "addresses", FIELD_UINT, true, FIELD_AT(wire_name, addresses), 1, MEASURE_TARGETS_MAX,
	    NULL, 0 },
	{ "hour", FIELD_UINT, true, FIELD_AT(wire_name, hour), 1, RATION_HOUR, NULL, 0 },
	{ "port", FIELD_UINT, true, FIELD_AT(wire_name, port), 1, UINT16_MAX, NULL, 0 },
	{ .name = NULL },
};

/* How they are asked. */
static const struct field request_fields[] = {
	{ "samples", FIELD_UINT, true, FIELD_AT(measure_request, samples), 1, RATION_BURST, NULL,
	    0 },
	{ "timeout_ns", FIELD_INT64, true, FIELD_AT(measure_request, timeout_ns), 1, 10 * NS_PER_S,
	    NULL, 0 },
	{ .name = NULL },
};

void
questions_free(struct questions *questions)
{
	ration_free(&questions->ration);
}

bool
questions_add(
    struct questions *questions, const char *name, unsigned addresses, unsigned hour, uint16_t port)
{
	struct measure_request *request = &questions->request;
	size_t i = request->count;

	if (i == MEASURE_TARGETS_MAX || strlen(name) >= sizeof(questions->names[i])) {
		return false;
	}
	memcpy(questions->names[i], name, strlen(name) + 1);
	request->names[i] = questions->names[i];
	request->addresses[i] = addresses;
	request->ports[i] = port;
	questions->hours[i] = hour;
	request->count++;
	return true;
}

/* Print @json in one line, and free it. */
static char *
print(json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	if (!text) {
		abort();
	}
	return text;
}

char *
questions_write(const struct questions *questions, int64_t boot_ns)
{
	const struct measure_request *request = &questions->request;
	json_t *json = fields_encode(request_fields, request), *names = json_array();
	struct buf ration = { .limit_bytes = RATION_TEXT_BYTES_MAX };

	for (size_t i = 0; i < request->count; i++) {
		struct wire_name wire = { .addresses = request->addresses[i],
			.hour = questions->hours[i],
			.port = request->ports[i] };

		memcpy(wire.name, questions->names[i], sizeof(wire.name));
		json_array_append_new(names, fields_encode(name_fields, &wire));
	}
	ration_write(&questions->ration, boot_ns, &ration);
	json_object_set_new(json, "names", names);
	json_object_set_new(json, "asked", json_string(buf_str(&ration)));
	buf_free(&ration);
	return print(json);
}

static int
read_names(const json_t *names, struct questions *questions, struct error *err)
{
	if (!json_is_array(names) || json_array_size(names) > MEASURE_TARGETS_MAX) {
		return error_set(err, "names is no list of %d at most", MEASURE_TARGETS_MAX);
	}
	for (size_t i = 0; i < json_array_size(names); i++) {
		struct wire_name wire = { .addresses = 0 };

		if (fields_decode(name_fields, json_array_get(names, i), "name", &wire, err) < 0) {
			return -1;
		}
		questions_add(questions, wire.name, wire.addresses, wire.hour, (uint16_t)wire.port);
	}
	return 0;
}

int
questions_read(
    const char *text, size_t len, int64_t boot_ns, struct questions *questions, struct error *err)
{
	json_error_t wrong;
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &wrong);
	const json_t *asked = json_object_get(json, "asked");
	int status = -1;

	if (!json) {
		error_set(err, "it is no JSON: %s", wrong.text);
	} else if (!json_is_string(asked)) {
		error_set(err, "asked is no text");
	} else if (fields_decode(request_fields, json, "request", &questions->request, err) == 0 &&
	    read_names(json_object_get(json, "names"), questions, err) == 0 &&
	    ration_read(&questions->ration, json_string_value(asked), json_string_length(asked),
		boot_ns, err) == 0) {
		status = 0;
	}
	if (status < 0) {
		memset(&questions->request, 0, sizeof(questions->request));
	}
	json_decref(json);
	return status;
}

static json_t *
write_samples(const struct measure_target *target)
{
	json_t *list = json_array();

	for (size_t i = 0; i < target->sample_count; i++) {
		const struct ntp_sample *sample = &target->samples[i];
		struct wire wire = { .offset_ns = sample->offset_ns,
			.delay_ns = sample->delay_ns,
			.dispersion_ns = sample->dispersion_ns,
			.boot_ns = sample->boot_ns,
			.root_delay_ns = sample->root_delay_ns,
			.root_dispersion_ns = sample->root_dispersion_ns,
			.stratum = sample->stratum,
			.leap = sample->leap,
			.refid = sample->refid,
			.reference_s = (uint32_t)(sample->reference >> 32),
			.reference_fraction = (uint32_t)sample->reference };

		json_array_append_new(list, fields_encode(sample_fields, &wire));
	}
	return list;
}

char *
answers_write(const struct measure *measure)
{
	json_t *json = json_object(), *targets = json_array();

	for (size_t i = 0; i < measure->target_count; i++) {
		const struct measure_target *target = &measure->targets[i];
		json_t *one = fields_encode(target_fields, target);

		json_object_set_new(one, "source", json_integer((json_int_t)target->source));
		json_object_set_new(one, "samples", write_samples(target));
		json_array_append_new(targets, one);
	}
	json_object_set_new(json, "targets", targets);
	return print(json);
}

static int
read_samples(const json_t *list, struct measure_target *target, struct error *err)
{
	size_t count = json_array_size(list);

	if (!json_is_array(list) || count > MEASURE_SAMPLES_MAX) {
		return error_set(err, "samples is no list of %d at most", MEASURE_SAMPLES_MAX);
	}
	for (size_t i = 0; i < count; i++) {
		struct wire wire;

		if (fields_decode(sample_fields, json_array_get(list, i), "sample", &wire, err)) {
			return -1;
		}
		target->samples[i] = (struct ntp_sample){
			.offset_ns = wire.offset_ns,
			.delay_ns = wire.delay_ns,
			.dispersion_ns = wire.dispersion_ns,
			.boot_ns = wire.boot_ns,
			.root_delay_ns = wire.root_delay_ns,
			.root_dispersion_ns = wire.root_dispersion_ns,
			.stratum = (uint8_t)wire.stratum,
			.leap = wire.leap == 1 ? NTP_LEAP_INSERT
			    : wire.leap == 2   ? NTP_LEAP_DELETE
					       : NTP_LEAP_NONE,
			.refid = wire.refid,
			.reference = (uint64_t)wire.reference_s << 32 | wire.reference_fraction,
		};
	}
	target->sample_count = count;
	return 0;
}

/* Read the target of index @i, which may point at earlier ones only. */
static int
read_target(const json_t *json, const struct questions *questions, size_t i,
    struct measure_target *target, struct error *err)
{
	const json_t *source = json_object_get(json, "source");
	struct ip ip;

	memset(target, 0, sizeof(*target));
	if (fields_decode(target_fields, json, "target", target, err) < 0) {
		return -1;
	}
	target->source = (size_t)json_integer_value(source);
	if (!json_is_integer(source) || target->source >= questions->request.count) {
		return error_set(err, "it answers for what was not asked");
	}
	if (target->address[0] && !ip_parse(target->address, &ip)) {
		return error_set(err, "\"%s\" is no address", target->address);
	}
	if (target->same_as >= (int)i) {
		return error_set(err, "a target is the same as a later one");
	}
	memcpy(target->name, questions->names[target->source], sizeof(target->name));
	return read_samples(json_object_get(json, "samples"), target, err);
}

int
answers_read(const char *text, size_t len, const struct questions *questions,
    struct measure *measure, struct error *err)
{
	json_error_t wrong;
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &wrong);
	const json_t *targets = json_object_get(json, "targets");
	size_t count = json_array_size(targets);
	int status = -1;

	if (!json) {
		error_set(err, "it is no JSON: %s", wrong.text);
	} else if (!json_is_array(targets) || count > MEASURE_TARGETS_MAX) {
		error_set(err, "targets is no list of %d at most", MEASURE_TARGETS_MAX);
	} else {
		status = 0;
	}
	for (size_t i = 0; status == 0 && i < count; i++) {
		status = read_target(
		    json_array_get(targets, i), questions, i, &measure->targets[i], err);
	}
	measure->target_count = status == 0 ? count : 0;
	json_decref(json);
	return status;
}
