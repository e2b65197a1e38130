#include "orchestrator/rollout/plan/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ELF: System V ABI, chapters 4 and 5; versions: Linux Standard Base Core 5.0, section 10.7. */
#define HEADERS_MAX 64
#define ENTRIES_MAX 4096
#define PT_LOAD 1
#define PT_DYNAMIC 2
#define PT_INTERP 3
#define DT_STRTAB 5
#define DT_VERNEED 0x6ffffffe
/* A program that uses it starts only with glibc 2.36 or newer. */
#define RELR "GLIBC_ABI_DT_RELR"
/* In the path of musl's loader. */
#define MUSL "/ld-musl"

/* A program's bytes, trusted in nothing: what lies outside of them reads as 0. */
struct elf {
	const uint8_t *bytes;
	size_t len;
	bool wide, big; /* 64 bits; the most significant byte first */
};

static uint64_t
number(const struct elf *elf, uint64_t at, unsigned size)
{
	uint64_t value = 0;

	if (at > elf->len || elf->len - at < size) {
		return 0;
	}
	for (unsigned i = 0; i < size; i++) {
		value = value << 8 | elf->bytes[at + (elf->big ? i : size - 1 - i)];
	}
	return value;
}

/* The text at @at, up to a NUL, cut to @size bytes. */
static void
text(const struct elf *elf, uint64_t at, char *to, size_t size)
{
	size_t len = 0;

	while (len + 1 < size && at < elf->len && elf->bytes[at]) {
		to[len++] = (char)elf->bytes[at++];
	}
	to[len] = '\0';
}

/* A program header. */
struct segment {
	uint64_t type, offset, address, size;
};

static bool
read_segment(const struct elf *elf, unsigned index, struct segment *segment)
{
	uint64_t at = number(elf, elf->wide ? 32 : 28, elf->wide ? 8 : 4);
	uint64_t count = number(elf, elf->wide ? 56 : 44, 2);
	uint64_t size = number(elf, elf->wide ? 54 : 42, 2);
	unsigned word = elf->wide ? 8 : 4;

	if (index >= count || index >= HEADERS_MAX || at > elf->len) {
		return false;
	}
	at += index * size;
	*segment = (struct segment){ .type = number(elf, at, 4),
		.offset = number(elf, at + word, word),
		.address = number(elf, at + 2 * (uint64_t)word, word),
		.size = number(elf, at + 4 * (uint64_t)word, word) };
	return true;
}

static bool
find_segment(const struct elf *elf, uint64_t type, struct segment *segment)
{
	for (unsigned i = 0; read_segment(elf, i, segment); i++) {
		if (segment->type == type) {
			return true;
		}
	}
	return false;
}

/* Where in the file the address is; where it is in no segment, behind the file's end. */
static uint64_t
place_of(const struct elf *elf, uint64_t address)
{
	struct segment segment;

	for (unsigned i = 0; read_segment(elf, i, &segment); i++) {
		if (segment.type == PT_LOAD && address >= segment.address &&
		    address - segment.address < segment.size) {
			return segment.offset + (address - segment.address);
		}
	}
	return elf->len;
}

static uint64_t
dynamic_value(const struct elf *elf, uint64_t tag)
{
	unsigned word = elf->wide ? 8 : 4;
	struct segment dynamic;

	if (!find_segment(elf, PT_DYNAMIC, &dynamic)) {
		return 0;
	}
	for (uint64_t i = 0; i < ENTRIES_MAX && i < dynamic.size / (2 * word); i++) {
		uint64_t at = dynamic.offset + i * 2 * word;

		if (number(elf, at, word) == tag) {
			return number(elf, at + word, word);
		}
	}
	return 0;
}

static void
need(struct agent_program *program, const char *version)
{
	unsigned major = 0, minor = 0;

	if (strcmp(version, RELR) == 0) {
		version = "GLIBC_2.36";
	}
	if (sscanf(version, "GLIBC_%4u.%4u", &major, &minor) >= 1 &&
	    (major > program->glibc_major ||
		(major == program->glibc_major && minor > program->glibc_minor))) {
		program->glibc_major = major;
		program->glibc_minor = minor;
	}
}

static void
read_versions(const struct elf *elf, struct agent_program *program)
{
	uint64_t file = place_of(elf, dynamic_value(elf, DT_VERNEED));
	uint64_t texts = place_of(elf, dynamic_value(elf, DT_STRTAB)), next = 1;
	unsigned count = 0;

	for (; next != 0 && file < elf->len && count < ENTRIES_MAX; file += next) {
		uint64_t at = file + number(elf, file + 8, 4);
		uint64_t versions = number(elf, file + 2, 2), step = 1;

		for (; versions > 0 && step != 0 && count < ENTRIES_MAX; versions--, count++) {
			char version[32];

			text(elf, texts + number(elf, at + 8, 4), version, sizeof(version));
			need(program, version);
			step = number(elf, at + 12, 4);
			at += step;
		}
		next = number(elf, file + 12, 4);
		count++;
	}
}

static bool
read_elf(struct agent_program *program)
{
	struct elf elf = { .bytes = (const uint8_t *)program->bytes, .len = program->len };
	struct segment loader;

	if (program->len < 64 || memcmp(program->bytes, "\177ELF", 4) != 0) {
		return false;
	}
	elf.wide = elf.bytes[4] == 2;
	elf.big = elf.bytes[5] == 2;
	program->machine = (unsigned)number(&elf, 18, 2);
	if (find_segment(&elf, PT_INTERP, &loader)) {
		text(&elf, loader.offset, program->loader, sizeof(program->loader));
	}
	read_versions(&elf, program);
	return true;
}

int
agent_programs_add(struct agent_programs *programs, const char *name, const char *bytes, size_t len,
    struct error *err)
{
	struct agent_program program = { .name = name, .bytes = bytes, .len = len };

	program.script = len > 2 && memcmp(bytes, "#!", 2) == 0;
	if (!program.script && !read_elf(&program)) {
		return error_set(err, "%s is no program of Linux", name);
	}
	if (programs->count == AGENT_PROGRAMS_MAX) {
		return error_set(
		    err, "%s: more than %d programs of the agent", name, AGENT_PROGRAMS_MAX);
	}
	sha256_hex(bytes, len, program.hash);
	programs->list[programs->count++] = program;
	return 0;
}

/* What uname -m says on hosts that run programs for a machine; source: elf.h, Linux's UTS_MACHINE.
 */
static const struct {
	unsigned machine;
	const char *name;  /* for messages */
	const char *hosts; /* with a space around each */
} machines[] = {
	{ 3, "i386", " i386 i486 i586 i686 x86_64 " },
	{ 8, "mips", " mips mips64 " },
	{ 20, "powerpc", " ppc ppc64 " },
	{ 21, "ppc64", " ppc64 ppc64le " },
	{ 22, "s390x", " s390x " },
	{ 40, "arm", " armv5tel armv6l armv7l armv8l aarch64 " },
	{ 62, "x86-64", " x86_64 " },
	{ 183, "aarch64", " aarch64 " },
	{ 243, "riscv", " riscv32 riscv64 " },
	{ 258, "loongarch", " loongarch32 loongarch64 " },
};

/* Whether @word, with a space around it, is in @list. */
static bool
is_in(const char *list, const char *word, char around)
{
	char marked[AGENT_LOADER_BYTES + 2];

	snprintf(marked, sizeof(marked), "%c%s%c", around, word, around);
	return word[0] && strstr(list, marked);
}

/* How far a program comes on a host; the error of what comes furthest is told. */
enum fit {
	FIT_NONE,
	FIT_MACHINE, /* the processor is right */
	FIT_LOADER,  /* and the libc that it names is there */
	FIT_RUNS,    /* and new enough */
};

static bool
is_of_machine(const struct agent_program *program, const struct facts *facts, struct error *err)
{
	const char *name = "another machine";

	for (size_t i = 0; i < COUNT(machines); i++) {
		if (machines[i].machine == program->machine) {
			name = machines[i].name;
			if (!facts->arch || is_in(machines[i].hosts, facts->arch, ' ')) {
				return true;
			}
		}
	}
	if (facts->arch) {
		error_set(
		    err, "%s is for %s, and the host is %s", program->name, name, facts->arch);
	}
	return !facts->arch;
}

/* Whether the host's libc is new enough; where it did not tell its version, that is taken for so.
 */
static bool
has_libc(const struct agent_program *program, const struct facts *facts, struct error *err)
{
	unsigned major = 0, minor = 0;

	if (facts->libc && sscanf(facts->libc, "glibc %4u.%4u", &major, &minor) == 2) {
		if (major > program->glibc_major ||
		    (major == program->glibc_major && minor >= program->glibc_minor)) {
			return true;
		}
		error_set(err, "%s needs glibc %u.%u, and the host has %u.%u", program->name,
		    program->glibc_major, program->glibc_minor, major, minor);
		return false;
	}
	if (program->glibc_major > 0 && facts->loaders && strstr(facts->loaders, MUSL)) {
		error_set(err, "%s needs glibc, and the host has musl", program->name);
		return false;
	}
	return true;
}

static enum fit
fit_of(const struct agent_program *program, const struct facts *facts, struct error *err)
{
	if (program->script) {
		return FIT_RUNS;
	}
	if (!is_of_machine(program, facts, err)) {
		return FIT_NONE;
	}
	if (program->loader[0] && facts->loaders && !is_in(facts->loaders, program->loader, '\n')) {
		error_set(err, "%s needs %s, and the host has no such libc%s", program->name,
		    program->loader, strstr(facts->loaders, MUSL) ? " (it has musl)" : "");
		return FIT_MACHINE;
	}
	return has_libc(program, facts, err) ? FIT_RUNS : FIT_LOADER;
}

static bool
is_newer(const struct agent_program *program, const struct agent_program *other)
{
	return !other || program->glibc_major > other->glibc_major ||
	    (program->glibc_major == other->glibc_major &&
		program->glibc_minor > other->glibc_minor);
}

const struct agent_program *
agent_programs_fit(
    const struct agent_programs *programs, const struct facts *facts, struct error *err)
{
	const struct agent_program *best = NULL;
	enum fit furthest = FIT_NONE;
	struct error why = { "" };

	for (size_t i = 0; i < programs->count; i++) {
		const struct agent_program *program = &programs->list[i];
		struct error lack = { "" };
		enum fit fit = fit_of(program, facts, &lack);

		if (fit == FIT_RUNS && is_newer(program, best)) {
			best = program;
		}
		if (i == 0 || fit > furthest) {
			furthest = fit;
			why = lack;
		}
	}
	if (!best) {
		error_set(err, "%s", why.text);
	}
	return best;
}

const struct agent_program *
agent_programs_choose(
    const struct agent_programs *programs, const struct facts *facts, struct error *err)
{
	struct error why = { "" };
	const struct agent_program *best = agent_programs_fit(programs, facts, &why);

	if (!best) {
		error_set(err,
		    "%.300s: build timetier-agent for it (make agent-deb11 for older hosts), and "
		    "name it by --agent FILE, or go on without by --no-agent",
		    why.text);
	}
	return best;
}

const struct agent_program *
agent_programs_find(const struct agent_programs *programs, const struct facts *facts,
    struct arena *arena, const char **unfit)
{
	const struct agent_program *program;
	struct error err = { "" };

	*unfit = NULL;
	if (!programs || programs->count == 0) {
		return NULL;
	}
	program = agent_programs_choose(programs, facts, &err);
	*unfit = program ? NULL : arena_strdup(arena, err.text);
	return program;
}

void
agent_programs_hash(const struct agent_programs *programs, char hash[SHA256_HEX_BYTES])
{
	char all[AGENT_PROGRAMS_MAX * SHA256_HEX_BYTES];
	size_t len = 0;

	hash[0] = '\0';
	for (size_t i = 0; i < programs->count; i++) {
		len +=
		    (size_t)snprintf(all + len, sizeof(all) - len, "%s\n", programs->list[i].hash);
	}
	if (programs->count == 1) {
		snprintf(hash, SHA256_HEX_BYTES, "%s", programs->list[0].hash);
	} else if (len > 0) {
		sha256_hex(all, len, hash);
	}
}
