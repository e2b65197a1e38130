/*
 * `timetier-agent collect`: prints the files from which `timetier import` reads what a time daemon
 * of this host does, as one line of JSON: {"files": {PATH: TEXT, ...}, "addresses": [...]}.  A link
 * that says what starts at boot is a file without text.  Keys are among them.
 */
#ifndef AGENT_COLLECT_H
#define AGENT_COLLECT_H

/*
 * @root: "" on hosts; tests have a folder that stands for "/"
 * Returns 0, or 2 when what is found is too much to be told.
 */
int collect_run(const char *root);

#endif
