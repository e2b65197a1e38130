/* Read before each file of this folder, whose main() is named like the file: tests/all.c calls it.
 */
#ifndef TESTS_UNIT_MAIN_H
#define TESTS_UNIT_MAIN_H

int main(void);

#endif
