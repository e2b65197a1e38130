/* What the first-set unit did in this boot: it leaves a stamp below /run. */
#ifndef AGENT_FIRST_SET_STAMP_H
#define AGENT_FIRST_SET_STAMP_H

#include "common/base.h"

#define FIRST_SET_STAMP "/run/timetier/first-set"

struct first_set_stamp {
	int64_t set_ns;  /* by how much it set the clock; positive: forward */
	int64_t real_ns; /* the host's clock after that */
};

/* False: it has not set the clock in this boot, or its stamp cannot be read. */
bool first_set_stamp_read(const char *root, struct first_set_stamp *stamp);

#endif
