/* What the operator should do about an error text of libyaml, and about slips that are good YAML.
 */
#ifndef ORCHESTRATOR_TOPOLOGY_LOAD_REMEDIES_H
#define ORCHESTRATOR_TOPOLOGY_LOAD_REMEDIES_H

#include "common/base.h"

/*
 * The remedy for @problem, as libyaml words it, at byte @at of @text; NULL: none is known.
 *
 * @len: of @text; @at may be @len, the end of the text
 */
const char *yaml_remedy(const char *problem, const char *text, size_t len, size_t at);

/* Whether @problem is better told where the thing began that libyaml was reading. */
bool yaml_is_told_at_begin(const char *problem);

/*
 * What is odd about @text where a key, a name or a value is expected, to be added to a message; ""
 * when nothing is: blanks and quotes that look like those of YAML, and, where a list may stand,
 * several values in one.
 */
const char *odd_text(const char *text, bool list);

#endif
