/* The one place that names the version. */
#ifndef COMMON_VERSION_H
#define COMMON_VERSION_H

#define TIMETIER_VERSION "0.1.0"

#endif
