#include "orchestrator/topology/rotation.h"

#include <stdio.h>
#include <string.h>

const char *
rotation_phase_name(enum rotation_phase phase)
{
	static const char *const names[] = {
		[ROTATION_NONE] = "none",
		[ROTATION_WITHDRAW] = "withdraw",
		[ROTATION_LEARN] = "learn",
		[ROTATION_USE] = "use",
		[ROTATION_FORGET] = "forget",
	};

	return names[phase];
}

enum rotation_phase
rotation_phase_of(const struct symmetric_key *key)
{
	if (!key->other) {
		return ROTATION_NONE;
	}
	switch (key->state == KEY_USED ? key->other->state : key->state) {
	case KEY_WITHDRAWN:
		return ROTATION_WITHDRAW;
	case KEY_COMING:
		return ROTATION_LEARN;
	case KEY_LEAVING:
		return ROTATION_USE;
	case KEY_GONE:
		return ROTATION_FORGET;
	case KEY_USED:
		break;
	}
	return ROTATION_NONE;
}

enum rotation_phase
rotation_phase(const struct topology *topology, bool back)
{
	enum rotation_phase behind = ROTATION_NONE;

	for (size_t i = 0; i < topology->key_count; i++) {
		enum rotation_phase phase = rotation_phase_of(&topology->keys[i]);

		if (phase != ROTATION_NONE &&
		    (behind == ROTATION_NONE || (back ? phase > behind : phase < behind))) {
			behind = phase;
		}
	}
	return behind;
}

/* Whether rotation_begin() replaces @key. */
static bool
is_chosen(const struct symmetric_key *key, const struct rotation_choice *choice)
{
	if (key->other || key->state != KEY_USED || key->stranger_count > 0) {
		return false;
	}
	for (size_t h = 0; h < key->host_count; h++) {
		if (host_unmanaged(key->hosts[h])) {
			return false; /* nobody brings another one there */
		}
	}
	for (size_t i = 0; i < choice->host_count; i++) {
		for (size_t h = 0; h < key->host_count; h++) {
			if (key->hosts[h] == choice->hosts[i]) {
				return true;
			}
		}
	}
	return choice->host_count == 0;
}

void
rotation_hosts(const struct topology *topology, const struct rotation_choice *choice,
    struct arena *arena, const struct host ***hosts, size_t *count)
{
	bool *shares = arena_alloc(arena, topology->host_count * sizeof(*shares) + 1);

	*hosts = arena_alloc(arena, topology->host_count * sizeof(**hosts) + 1);
	*count = 0;
	for (size_t i = 0; i < topology->key_count; i++) {
		const struct symmetric_key *key = &topology->keys[i];
		bool counts = choice ? is_chosen(key, choice) : key->other != NULL;

		for (size_t h = 0; counts && h < key->host_count; h++) {
			shares[key->hosts[h] - topology->hosts] = true;
		}
	}
	for (size_t i = 0; i < topology->host_count; i++) {
		if (shares[i]) {
			(*hosts)[(*count)++] = &topology->hosts[i];
		}
	}
}

/* Write a new key of the type of @old; AES128CMAC follows MD5, which proves nothing any more. */
static int
add_key(
    const struct symmetric_key *old, struct key_maker *maker, struct buf *text, struct error *err)
{
	struct symmetric_key key = *old;

	key.type = old->type == KEY_TYPE_MD5 ? KEY_TYPE_AES128CMAC : old->type;
	key.state = KEY_COMING;
	return key_maker_add(maker, &key, text, err);
}

int
rotation_begin(const struct topology *topology, const struct rotation_choice *choice,
    struct buf *text, size_t *made, struct error *err)
{
	struct key_maker maker;
	size_t count = 0;

	key_maker_init(&maker, topology, choice->random);
	buf_text(text, "keys:\n");
	for (size_t i = 0; i < topology->key_count; i++) {
		const struct symmetric_key *key = &topology->keys[i];

		key_line(key, text);
		if (!is_chosen(key, choice)) {
			continue;
		}
		if (add_key(key, &maker, text, err) < 0) {
			return -1;
		}
		count++;
	}
	*made = count;
	return 0;
}

/* Move @key one step on or back.  Returns false when @key leaves the file. */
static bool
move_key(struct symmetric_key *key, bool back)
{
	static const struct {
		enum key_state on, back;
		bool last_on, last_back; /* the key leaves the file in this step */
	} steps[] = {
		[KEY_WITHDRAWN] = { KEY_COMING, KEY_WITHDRAWN, false, true },
		[KEY_COMING] = { KEY_USED, KEY_WITHDRAWN, false, false },
		[KEY_LEAVING] = { KEY_GONE, KEY_USED, false, false },
		[KEY_GONE] = { KEY_GONE, KEY_LEAVING, true, false },
	};

	if (key->state != KEY_USED) {
		bool last = back ? steps[key->state].last_back : steps[key->state].last_on;

		key->state = back ? steps[key->state].back : steps[key->state].on;
		return !last;
	}
	if (!back && key->other->state == KEY_COMING) {
		key->state = KEY_LEAVING;
	} else if (back && key->other->state == KEY_LEAVING) {
		key->state = KEY_COMING;
	}
	return true;
}

void
rotation_step(const struct topology *topology, bool back, struct buf *text)
{
	enum rotation_phase phase = rotation_phase(topology, back);

	buf_text(text, "keys:\n");
	for (size_t i = 0; i < topology->key_count; i++) {
		struct symmetric_key key = topology->keys[i];

		if (rotation_phase_of(&key) != phase || !key.other || move_key(&key, back)) {
			key_line(&key, text);
		}
	}
}
