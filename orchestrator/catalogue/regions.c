/* Which part of the world a country is in: continents, as pool.ntp.org has its zones. */
#include "orchestrator/catalogue/catalogue.h"

#include <string.h>

const char *const catalogue_regions[] = { "africa", "asia", "europe", "north-america", "oceania",
	"south-america", NULL };

/* The countries of ISO 3166-1, in the order of the regions above. */
static const char *const countries[] = {
	"AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG "
	"ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW",
	"AE AF AM AZ BD BH BN BT CN GE HK ID IL IN IO IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN "
	"MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE",
	"AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI "
	"LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA",
	"AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI "
	"PA PM PR SV SX TC TT US VC VG VI",
	"AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS",
	"AR BO BR CL CO EC FK GF GS GY PE PY SR UY VE",
};

const char *
catalogue_region(const char *country)
{
	for (size_t i = 0; i < COUNT(countries) && strlen(country) == 2; i++) {
		const char *at = strstr(countries[i], country);

		if (at && country[0] != ' ' && country[1] != ' ') {
			return catalogue_regions[i];
		}
	}
	return NULL;
}
