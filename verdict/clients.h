/*
 * What a server's list of clients amounts to: made on the server, shown by `timetier clients`; and
 * who among them asks too often.  As JSON and back.  No I/O.
 */
#ifndef VERDICT_CLIENTS_H
#define VERDICT_CLIENTS_H

#include "common/address.h"

/* How often a client asks. */
enum client_class {
	CLIENT_OK,      /* every 32 s, or less often */
	CLIENT_CHATTY,  /* more often */
	CLIENT_ABUSIVE, /* more often than every 8 s, and not only at its start */
	CLIENT_PARTNER, /* a source or sibling of the server: packets go both ways, and are no fault
			 */
	CLIENT_CLASSES,
};

const char *client_class_name(enum client_class value);

#define CLIENT_CHATTY_NS (32 * NS_PER_S)
#define CLIENT_ABUSIVE_NS (8 * NS_PER_S)
#define CLIENT_BURST 8      /* packets of a start with iburst: nobody is blamed for them */
#define CLIENT_SUSTAINED 20 /* more packets than this at that rate are a habit */

/* What a list tells of one client, in two readings. */
struct client_habit {
	uint64_t packets;  /* in all */
	uint64_t recent;   /* between the readings */
	int64_t window_ns; /* from one reading to the other */
	int64_t
	    average_ns; /* from one packet to the next, by the list's own account; 0: not known */
	bool limited;   /* the server left packets between the readings without an answer */
};

/*
 * How far its packets are apart now: between the readings, or by the list's account when fewer than
 * two came between them; 0: not known.
 */
int64_t client_interval_ns(const struct client_habit *habit);

enum client_class client_classify(const struct client_habit *habit);

struct client_row {
	char address[IP_TEXT_BYTES];
	uint64_t packets, recent, dropped; /* dropped: between the readings, where that is told */
	int64_t interval_ns;               /* 0: not known */
	int64_t first_ns;                  /* real time of its first packet; 0: not told */
	int64_t ago_ns;                    /* its latest packet, before the second reading */
	enum client_class class;
	bool stranger;    /* in no network that the site declares */
	bool misplaced;   /* a host of the site that has to ask other servers */
	bool watched;     /* it was asked for by its address */
	unsigned version; /* of NTP; 0: not told */
};

#define CLIENTS_ROWS_MAX 1500 /* as text below CLIENTS_BYTES_MAX */
#define CLIENTS_BYTES_MAX 524288

struct clients_report {
	char daemon[32];
	int64_t taken_ns;                    /* real time of the second reading */
	int64_t window_ns;                   /* between the two */
	uint64_t clients;                    /* in the list, without partners */
	uint64_t recent, recent_v6, dropped; /* packets of clients between the readings */
	uint64_t classes[CLIENT_CLASSES];    /* how many of each */
	uint64_t strangers, misplaced;
	int64_t reach_ns;        /* the longest silent one was heard so long ago; 0: nobody was */
	char problem[160];       /* why the list is not whole; "": it is */
	struct client_row *rows; /* those worth showing, the most important first; on the heap */
	size_t row_count;
};

/* The report as one line of JSON, which the caller frees. */
char *clients_report_encode(const struct clients_report *report);

/*
 * Read what a host sent.
 *
 * @text: not trusted
 * Returns 0 with @report set, which clients_report_free() frees, or -1 with @err set.
 */
int clients_report_decode(
    struct clients_report *report, const char *text, size_t len, struct error *err) MUST_CHECK;

void clients_report_free(struct clients_report *report);

#endif
