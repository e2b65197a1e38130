#include "common/version.h"

int64_t
version_built_ns(void)
{
	return TIMETIER_BUILT_S * NS_PER_S;
}
