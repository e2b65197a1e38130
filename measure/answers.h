/*
 * Questions for NTP servers, and what these answered, as JSON: how one host lets another one ask.
 * Both directions, with bounds; what is read is not trusted.  No I/O.
 */
#ifndef MEASURE_ANSWERS_H
#define MEASURE_ANSWERS_H

#include "measure/measure.h"
#include "measure/ration.h"

#define ANSWERS_BYTES_MAX (512u << 10)

/* Whom to ask, and what the ration of the host that asks is. */
struct questions {
	struct measure_request request; /* its names are those below; no keys, grant() or limit */
	char names[MEASURE_TARGETS_MAX][256];
	unsigned hours[MEASURE_TARGETS_MAX]; /* how often each may be asked in an hour */
	struct ration ration;                /* by numeric address; questions_free() ends it */
};

void questions_free(struct questions *questions);

/* Add a name or an address; false: there is no room for it. */
bool questions_add(struct questions *questions, const char *name, unsigned addresses, unsigned hour,
    uint16_t port);

/* The questions as a line of JSON, which the caller frees. */
char *questions_write(const struct questions *questions, int64_t boot_ns);

/*
 * Read such a line.
 *
 * @questions: zeroed; on failure it holds nothing
 * @boot_ns:   when it came: the ration's times become those of this clock
 */
int questions_read(const char *text, size_t len, int64_t boot_ns, struct questions *questions,
    struct error *err) MUST_CHECK;

/* What @measure found, as a line of JSON, which the caller frees. */
char *answers_write(const struct measure *measure);

/*
 * Read such a line.
 *
 * @measure: zeroed; its targets are filled, with names of @questions; nothing else is set
 *
 * Returns 0, or -1 with @err set: it is no answer to @questions.
 */
int answers_read(const char *text, size_t len, const struct questions *questions,
    struct measure *measure, struct error *err) MUST_CHECK;

#endif
