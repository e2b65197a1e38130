# timetier: build, check, demo.  `make help` prints the targets.
.DEFAULT_GOAL := all
# Four times as many as there are processors, as tests mostly wait, unless -j says how many or what is asked for must come one after the other.
ifeq ($(MAKELEVEL)$(if $(filter clean deps format golden schema,$(MAKECMDGOALS)),$(word 2,$(MAKECMDGOALS))),0)
MAKEFLAGS += $(shell case " $$MAKEFLAGS" in (*' -j'*) ;; (*) echo "-j$$(($$(nproc) * 4))" ;; esac)
endif
MAKEFLAGS += --no-builtin-rules
BUILD ?= build
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
CFLAGS ?= $(if $(SAN),-O0,-O2) -g
WERROR ?= -Werror
V ?= 0
Q := $(if $(filter 0,$(V)),@)
say = $(if $(filter 0,$(V)),$(info $()  $(1) $(2)))

WARN := -Wall -Wextra $(WERROR) -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wundef -Wformat=2 -Wswitch-enum \
	-Wimplicit-fallthrough -Wconversion -Wno-sign-conversion -Wdeclaration-after-statement
# Those of these options that the compiler knows: older ones and other processors have not all.
knows = $(foreach option,$(1),$(shell printf '\043include <string.h>\n' | \
	$(CC) -Werror -O2 -U_FORTIFY_SOURCE $(option) -x c -c -o /dev/null - 2>/dev/null && echo '$(option)'))
MODERN := $(call knows,-fstack-clash-protection -fcf-protection -mbranch-protection=standard)
FORTIFY := -U_FORTIFY_SOURCE $(or $(call knows,-D_FORTIFY_SOURCE=3),-D_FORTIFY_SOURCE=2)
HARDEN = -fstack-protector-strong $(MODERN) -fPIE -ffunction-sections -fdata-sections $(if $(SAN)$(filter -O0,$(CFLAGS)),,$(FORTIFY))
SANITIZE = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
CPPFLAGS += -I. -D_GNU_SOURCE
ALL_CFLAGS = -std=c11 $(WARN) $(HARDEN) $(CFLAGS) $(SANITIZE)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,noexecstack $(LDFLAGS) $(SANITIZE)

# What each program is linked with.  The agent carries everything but libc in itself.
ORCHESTRATOR_LIBS := -lyaml -lssh2 -lmicrohttpd -luv -ljansson -lsqlite3 -lncursesw -ltinfo -lssl -lcrypto -lm
AGENT_LIBS := -Wl,-Bstatic -luv_a -ljansson -lssl -lcrypto -Wl,-Bdynamic -lpthread -ldl -lm
TEST_LIBS := $(ORCHESTRATOR_LIBS) -lcmocka -lpthread

objects = $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard $(addsuffix /*.c,$(1)))))
# rooms of: the folders below these with sources in them.
rooms = $(sort $(patsubst %/,%,$(dir $(wildcard $(foreach depth,/ /*/ /*/*/,$(addsuffix $(depth)*.[ch],$(1)))))))
SHARED_ROOMS := $(call rooms,common daemons measure verdict)
AGENT_ROOMS := $(call rooms,agent)
ORCHESTRATOR_ROOMS := $(call rooms,orchestrator)
SHARED := $(call objects,$(SHARED_ROOMS))
ORCHESTRATOR := $(filter-out $(BUILD)/orchestrator/main.o,$(call objects,$(ORCHESTRATOR_ROOMS)))
AGENT := $(filter-out $(BUILD)/agent/main.o,$(call objects,$(AGENT_ROOMS)))
EMBEDDED := $(BUILD)/gen/templates.o $(BUILD)/gen/web.o $(BUILD)/gen/schemas.o $(BUILD)/gen/examples.o $(BUILD)/gen/remote.o $(BUILD)/gen/document.o \
	$(BUILD)/gen/catalogue.o
LIBRARY := $(SHARED) $(ORCHESTRATOR) $(AGENT) $(EMBEDDED)
UNIT := $(notdir $(basename $(sort $(wildcard tests/unit/test_*.c))))
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
SOURCES := $(sort $(wildcard $(addsuffix /*.c,$(SHARED_ROOMS) $(AGENT_ROOMS) $(ORCHESTRATOR_ROOMS))))
HEADERS := $(sort $(wildcard $(addsuffix /*.h,$(SHARED_ROOMS) $(AGENT_ROOMS) $(ORCHESTRATOR_ROOMS))))
TEST_SOURCES := $(sort $(wildcard tests/*.[ch] tests/*/*.[ch]))

TESTS := $(UNIT:%=$(BUILD)/tests/unit/%.o) $(FUZZ:%=$(BUILD)/tests/fuzz/fuzz_%.o) $(BUILD)/tests/all.o $(BUILD)/gen/tests.o
FAKES := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/fake_*.c)))
BENCHES := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(sort $(wildcard tests/bench/*.c)))
OBJECTS := $(LIBRARY) $(BUILD)/orchestrator/main.o $(BUILD)/agent/main.o $(TESTS) $(FAKES) $(BENCHES:$(BUILD)/%=$(BUILD)/tests/%.o) \
	$(BUILD)/tests/web/feed.o $(BUILD)/tests/web/terminal.o
SYNTAX := $(patsubst $(BUILD)/%.o,$(BUILD)/looked/gcc-san/%,$(filter-out $(BUILD)/gen/%,$(OBJECTS)))
TIDY := $(SOURCES:%.c=$(BUILD)/looked/tidy/%)
ANALYZE := $(SOURCES:%.c=$(BUILD)/looked/analyze/%)
FOLDERS := $(sort $(dir $(OBJECTS) $(SYNTAX) $(TIDY) $(ANALYZE)) $(BUILD)/bin/ $(BUILD)/bench/)

.PHONY: all build-tests agent-deb11 deps quick check check-times soak man-check check-structure check-unit check-corpus check-scripts check-code check-web check-fleet fleet-images \
	scenarios demo bench fuzz fuzz-targets syntax tidy analyze format format-check golden schema cover install uninstall clean help
##  all            build/bin/timetier and build/bin/timetier-agent
all: $(BUILD)/bin/timetier $(if $(wildcard agent/main.c),$(BUILD)/bin/timetier-agent)

$(BUILD)/bin/timetier: $(BUILD)/orchestrator/main.o $(SHARED) $(ORCHESTRATOR) $(EMBEDDED)
	$(call say,LINK  ,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ORCHESTRATOR_LIBS)

$(BUILD)/bin/timetier-agent: $(BUILD)/agent/main.o $(SHARED) $(AGENT)
	$(call say,LINK  ,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,--gc-sections -o $@ $^ $(AGENT_LIBS)

##  agent-deb11    the same agent for hosts as old as Debian 11, built in one (as root or by sudo)
$(BUILD)/bin/timetier-agent-deb11: $(wildcard $(addsuffix /*.[ch],$(SHARED_ROOMS) $(AGENT_ROOMS))) scripts/build-agent.sh Makefile
	$(call say,DEB11 ,$@)
	$(Q)$(SUDO) scripts/build-agent.sh $@
agent-deb11: $(BUILD)/bin/timetier-agent-deb11

# Tests link what they need of everything but the mains.
$(BUILD)/library.a: $(LIBRARY)
	@rm -f $@
	$(Q)ar rcs $@ $(LIBRARY)

# All tests of code in one program: build/tests/all NAME runs one.
$(BUILD)/tests/unit/%.o: NAMED = -Dmain=$(notdir $*) -include tests/unit/main.h
$(BUILD)/tests/fuzz/%.o: NAMED = -DLLVMFuzzerTestOneInput=$(notdir $*)
# They run once: not worth a second pass of the optimiser.
$(BUILD)/tests/unit/%.o $(BUILD)/tests/fuzz/%.o: CFLAGS := $(CFLAGS:-O2=-O1)
$(BUILD)/tests/all: $(TESTS) $(BUILD)/tests/fakes.a $(BUILD)/library.a
	$(call say,LINK  ,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS)

# Plays the agents of a whole site, for the tests of the page.
$(BUILD)/tests/feed: $(BUILD)/tests/web/feed.o $(BUILD)/library.a
	$(call say,LINK  ,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS)

# A terminal in memory, for the test of the full screen.
$(BUILD)/tests/terminal: $(BUILD)/tests/web/terminal.o
	$(call say,LINK  ,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lutil

# Test doubles: tests/fake_*.c
$(BUILD)/tests/fakes.a: $(FAKES)
	@rm -f $@
	$(Q)ar rcs $@ $(FAKES)

# Programs that a measurement needs.
$(BUILD)/bench/%: $(BUILD)/tests/bench/%.o $(BUILD)/library.a
	$(call say,LINK  ,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS)

# All that tests need, without running any.  Nobody runs the page and the measurements with sanitizers.
build-tests: all $(BUILD)/tests/all $(if $(SAN),,$(BUILD)/tests/feed $(BUILD)/tests/terminal $(BENCHES))

# In a folder of its own (make fuzz), where libFuzzer has the main(). Each target by itself: how fast it is goes by how much code
# there is to watch.
$(BUILD)/bin/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/library.a
	$(call say,LINK  ,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -Wl,--defsym=LLVMFuzzerTestOneInput=fuzz_$* -o $@ $^ $(TEST_LIBS)
fuzz-targets: $(FUZZ:%=$(BUILD)/bin/fuzz_%)

$(BUILD)/gen/embed: scripts/embed.c | $(FOLDERS)
	$(Q)$(CC) -O1 -D_GNU_SOURCE -o $@ $<
TEMPLATES := $(sort $(wildcard templates/*))
$(BUILD)/gen/templates.c: $(BUILD)/gen/embed $(TEMPLATES)
	$(Q)$(BUILD)/gen/embed template $(TEMPLATES) >$@
SCHEMAS := $(sort $(wildcard schemas/*.sql))
$(BUILD)/gen/schemas.c: $(BUILD)/gen/embed $(SCHEMAS)
	$(Q)$(BUILD)/gen/embed schema $(SCHEMAS) >$@
EXAMPLES := examples/first/site.yaml
$(BUILD)/gen/examples.c: $(BUILD)/gen/embed $(EXAMPLES)
	$(Q)$(BUILD)/gen/embed example $(EXAMPLES) >$@
CATALOGUE := $(sort $(wildcard catalogue/*.tsv))
$(BUILD)/gen/catalogue.c: $(BUILD)/gen/embed $(CATALOGUE)
	$(Q)$(BUILD)/gen/embed catalogue $(CATALOGUE) >$@
DYGRAPHS := $(wildcard $(addprefix /usr/share/javascript/dygraphs/,dygraph.min.js dygraph.min.css))
WEB := $(sort $(wildcard orchestrator/web/*)) $(DYGRAPHS)
$(BUILD)/gen/web.c: $(BUILD)/gen/embed $(WEB)
	$(Q)$(BUILD)/gen/embed web $(WEB) >$@
REMOTE := $(sort $(wildcard orchestrator/rollout/remote/*.sh))
$(BUILD)/gen/remote.c: $(BUILD)/gen/embed $(REMOTE)
	$(Q)$(BUILD)/gen/embed remote $(REMOTE) >$@
DOCUMENT := orchestrator/web/colours.css orchestrator/document/document.css
$(BUILD)/gen/document.c: $(BUILD)/gen/embed $(DOCUMENT)
	$(Q)$(BUILD)/gen/embed document $(DOCUMENT) >$@
$(BUILD)/gen/tests.o: tests/all.h
$(BUILD)/gen/tests.c: $(BUILD)/gen/names
	@{ echo '#include "tests/all.h"'; printf 'int %s(void);\n' $(UNIT); \
		printf 'int fuzz_%s(const uint8_t *data, size_t size);\n' $(FUZZ); echo 'const struct test tests[] = {'; \
		printf '{ .name = "%s", .unit = %s },\n' $(foreach name,$(UNIT),$(name) $(name)); \
		printf '{ .name = "fuzz_%s", .target = fuzz_%s },\n' $(foreach name,$(FUZZ),$(name) $(name)); echo '{ 0 } };'; } >$@
$(BUILD)/gen/%.o: $(BUILD)/gen/%.c
	$(Q)$(CC) $(CPPFLAGS) -std=c11 -fPIE -O0 -c -o $@ $<

# The day that it was made, before which no clock can rightly be: the same for the same commit.  Without either of the two,
# common/version.h knows.  One file is built anew when it changes.
BUILT := $(or $(SOURCE_DATE_EPOCH),$(if $(wildcard .git),$(shell t=$$(git log -1 --format=%ct 2>/dev/null) && echo $$((t / 86400 * 86400)))))
$(BUILD)/common/version.o: CPPFLAGS += $(if $(BUILT),-DTIMETIER_BUILT_S=$(BUILT))
$(BUILD)/common/version.o: $(BUILD)/gen/built
# What is made from words is made anew when they change.
.PHONY: FORCE
differs = $(if $(subst x$(1),,x$(2))$(subst x$(2),,x$(1)),FORCE)
$(BUILD)/gen/built: $(call differs,$(BUILT),$(file <$(BUILD)/gen/built)) | $(FOLDERS)
	@echo '$(BUILT)' >$@
$(BUILD)/gen/names: $(call differs,$(UNIT) $(FUZZ),$(file <$(BUILD)/gen/names)) | $(FOLDERS)
	@echo '$(UNIT) $(FUZZ)' >$@
$(BUILD)/gen/hardened: $(call differs,$(HARDEN),$(file <$(BUILD)/gen/hardened)) | $(FOLDERS)
	@echo '$(HARDEN)' >$@
$(BUILD)/gen/looked: $(call differs,$(CPPFLAGS) $(ALL_CFLAGS),$(file <$(BUILD)/gen/looked)) | $(FOLDERS)
	@echo '$(CPPFLAGS) $(ALL_CFLAGS)' >$@

$(FOLDERS) &:
	@mkdir -p $(FOLDERS)
$(BUILD)/%.o: %.c $(BUILD)/gen/hardened | $(FOLDERS)
	$(call say,CC    ,$<)
	$(Q)$(CC) $(CPPFLAGS) $(NAMED) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

##  deps           install the Debian packages that build and tests need (as root or by sudo)
DEPS := gcc clang clang-format clang-tidy cppcheck universal-ctags pkg-config libc6-dev libclang-rt-14-dev make git \
	libyaml-dev libssh2-1-dev libmicrohttpd-dev libuv1-dev libjansson-dev libsqlite3-dev libncurses-dev libssl-dev libcmocka-dev \
	libjs-dygraphs chromium chromium-driver debootstrap systemd-container iproute2 socat openssh-client openssh-server procps sqlite3 curl openssl groff patch nmap python3-jsonschema python3-yaml
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
deps:
	@dpkg-query -W -f '$${db:Status-Status}\n' $(DEPS) 2>/dev/null | grep -vc '^installed$$' | grep -qx 0 && \
		[ "$$(dpkg-query -W -f 'x\n' $(DEPS) 2>/dev/null | wc -l)" = $(words $(DEPS)) ] || \
		{ $(SUDO) apt-get update -q && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $(DEPS); }

# One line a test and a count of its cases: tests/run.  The machine is measured once, while it builds what is run.
RUN = @BUILD=$(BUILD) TEST_SAN=$(SAN) TEST_SLOWNESS=$$(cat $(BUILD)/slowness) LOGS=$${LOGS:-$(BUILD)/logs} tests/run
.PHONY: $(BUILD)/slowness
$(BUILD)/slowness: | $(FOLDERS)
	@echo "$${TEST_SLOWNESS:-$$(tests/slowness)}" >$@
SCRIPTS := $(sort $(wildcard tests/*.sh))
.PHONY: $(UNIT:%=run-%) $(FUZZ:%=run-corpus-%) $(SCRIPTS:tests/%.sh=run-%)
$(UNIT:%=run-%): run-%: $(BUILD)/tests/all $(BUILD)/slowness
	$(RUN) unit/$* $< $*
$(FUZZ:%=run-corpus-%): run-corpus-%: $(BUILD)/tests/all $(BUILD)/slowness
	$(RUN) corpus/$* $< fuzz_$* tests/fuzz/corpus/$*/*
$(SCRIPTS:tests/%.sh=run-%): run-%: tests/%.sh all $(BUILD)/slowness
	$(RUN) $* $<

check-structure: run-structure run-planted
# Those that take longest begin first, so that nobody waits for one of them alone at the end.
LONGEST := answers test_trust validators mistakes test_hostile test_transport test_apply_script $(filter test_rollout%,$(UNIT)) test_guard \
	test_key_ask test_ssh_keys test_auto test_doors
.PHONY: check-longest
check-longest: $(LONGEST:%=run-%)
check-unit: $(UNIT:%=run-%)
check-corpus: $(FUZZ:%=run-corpus-%)
check-scripts: $(SCRIPTS:tests/%.sh=run-%)
check-code: check-longest check-unit check-corpus $(filter-out run-structure run-planted,$(SCRIPTS:tests/%.sh=run-%))
##  quick          structure, unit, lint, golden, corpus: no network, no root
quick: check-longest check-unit check-scripts check-corpus

##  man-check      the man pages are sound, and name every command and option
man-check: run-man

##  check          the test command: quick, the other compilers, tidy, sanitizers, web and (as root) fleet
check:
	@$(MAKE) --no-print-directory deps
	@BUILD=$(BUILD) scripts/check.sh
##  check-times    write into doc/ what the stages and the slowest tests of the last check took
check-times:
	@BUILD=$(BUILD) scripts/check-times.sh --keep
##  check-web      the page in headless Chromium
# Lines of tests/run for tests/beside.
BESIDE = BUILD=$(BUILD) LOGS=$${LOGS:-$(BUILD)/logs} tests/beside
check-web: all $(BUILD)/tests/feed $(BUILD)/tests/terminal
	@for t in $(notdir $(sort $(wildcard tests/web/[0-9]*))); do echo "web/$$t tests/web/$$t"; done | $(BESIDE)
FLEET_IMAGES := bookworm/chrony bookworm/ntpsec bookworm/openntpd bookworm/systemd-timesyncd bookworm/none bullseye/ntp bullseye/build-agent
fleet-images:
	@$(SUDO) tests/fleet/lab image $(FLEET_IMAGES)
# Those that by their own word (begin NAME SECONDS) take longest begin first.
##  check-fleet    real hosts with clocks of their own, as root; FLEET='00-lab 90-demo' for some of them
check-fleet: all agent-deb11 $(BUILD)/tests/all
	@$(MAKE) --no-print-directory fleet-images
	@for t in $(or $(FLEET),$(notdir $(wildcard tests/fleet/[0-9]*))); do \
		sed -En "s/^(begin|scenario) [^ ]+ ([0-9]+).*/\2 $$t/p; \$$s/.*/0 $$t/p" tests/fleet/$$t | head -n 1; done | \
		sort -k1,1nr -k2 | sed 's,.* \(.*\),fleet/\1 $(SUDO) env SOAK=$(SOAK) tests/fleet/\1,' | SOAK=$(SOAK) $(BESIDE)

##  soak           all cases of the fleet tests of which check takes some, before a release; FLEET='33-faults' for some of them
SOAKED := 10-render-loads 11-clients 11-import-answers 12-install 13-grown-site 30-apply-faults 32-every-step 33-faults 33-faults-clients 33-faults-kin 34-faults-ssh 34-first-rollout 34-openrc 35-migration 36-killed 39-sixty 50-verdict-agrees 51-verdict-stock-kin 57-moments 58-stranger 66-siblings 67-clocks 68-nts
soak:
	@mkdir -p $(BUILD)/soak && : >$(BUILD)/soak/results
	@LOGS=$(BUILD)/soak RESULTS=$(BUILD)/soak/results $(MAKE) --no-print-directory check-fleet SOAK=yes FLEET='$(or $(FLEET),$(SOAKED))'

##  scenarios      every restart scenario, stock against timetier's; writes doc/restart-scenarios.md
scenarios: all
	@$(MAKE) --no-print-directory fleet-images
	@$(SUDO) env BUILD=$(BUILD) scripts/scenarios.sh

##  demo           a whole site on this machine, until Ctrl-C; DEMO=once prints what it saw and ends
demo:
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory all agent-deb11
	@$(SUDO) env BUILD=$(BUILD) tests/fleet/demo $(DEMO)

##  bench          figures, as ratios; never part of check; BENCH='push site' for some of them
bench: all $(BENCHES)
	@for t in $(or $(BENCH:%=tests/bench/%.sh),$(shell find tests/bench -name '*.sh' -perm -u+x | sort)); do \
		echo "== $$t"; BUILD=$(BUILD) $$t || [ $$? = 77 ] || exit 1; done

##  fuzz TIME=60   each fuzz target for so many seconds (clang)
fuzz:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC=clang SAN=fuzzer-no-link,address,undefined CFLAGS='-O1 -g' fuzz-targets
	@set -e; for f in $(FUZZ); do mkdir -p $(BUILD)/corpus/$$f; \
		$(BUILD)/fuzz/bin/fuzz_$$f -max_total_time=$(or $(TIME),60) $(BUILD)/corpus/$$f tests/fuzz/corpus/$$f; done

##  schema         write anew what the table of keys says of itself: JSON Schema, list of keys in the manual
schema: all
	@BUILD=$(BUILD) scripts/schema.sh .

# What follows looks at a file again when its object is made anew, which is when it or a header changed, or when the flags did.
LOOKED = $(BUILD)/gen/looked $(BUILD)/%.o
##  syntax         warnings of gcc with sanitizers, with which check builds nothing; clang's come from tidy and from its own build
syntax: $(SYNTAX) $(BENCHES) $(BUILD)/tests/feed $(BUILD)/tests/terminal
$(BUILD)/looked/gcc-san/%: private SAN := address,undefined
$(BUILD)/looked/gcc-san/%: %.c $(LOOKED)
	$(Q)gcc $(CPPFLAGS) $(ALL_CFLAGS) -fsyntax-only $< && : >$@

##  tidy           clang-tidy and all warnings of clang, a process a file: with several its va_list check errs
# Without ctype.h's macros, whose insides would count as nesting.  Its analyzer gives up a function after 5000 steps, as it must do
# with three of ten: the 225000 that it takes by itself are ten times as long, and for make analyze.
tidy: $(TIDY)
$(BUILD)/looked/tidy/%: %.c $(LOOKED) .clang-tidy
	$(call say,TIDY  ,$<)
	$(Q)$(call clang-tidy,5000) && : >$@
clang-tidy = said=$$(clang-tidy --quiet --warnings-as-errors='*' $(foreach word,-analyzer-config max-nodes=$(1),--extra-arg=-Xclang \
	--extra-arg=$(word)) $< -- $(CPPFLAGS) -D__NO_CTYPE $(ALL_CFLAGS) 2>&1) || { echo "$$said"; false; }
##  analyze        gcc -fanalyzer, clang's analyzer without a limit, and cppcheck
analyze: $(ANALYZE)
	$(MAKE) BUILD=$(BUILD)/analyze CFLAGS='-O2 -g -fanalyzer' CC=gcc all
	cppcheck --quiet --error-exitcode=1 --enable=warning,portability,performance --inline-suppr -I. $(SOURCES)
$(BUILD)/looked/analyze/%: %.c $(LOOKED) .clang-tidy
	$(call say,TIDY  ,$<)
	$(Q)$(call clang-tidy,225000) && : >$@
##  format         clang-format everything; format-check only looks
format:
	clang-format -i $(SOURCES) $(HEADERS) $(TEST_SOURCES) scripts/*.c
format-check:
	@clang-format --dry-run --Werror $(SOURCES) $(HEADERS) $(TEST_SOURCES) scripts/*.c
##  golden         make the expected files of tests/golden anew; read the diff
golden: all
	@BUILD=$(BUILD) tests/golden.sh --write
##  cover          lines that the quick tests run, per file
cover:
	$(MAKE) BUILD=$(BUILD)/cover CC=gcc CFLAGS='-O0 -g --coverage' LDFLAGS=--coverage quick
	@cd $(BUILD)/cover && for o in $$(find . -name '*.gcno' ! -path './tests/*' | sort); do \
		gcov -n "$$o" 2>/dev/null | sed -n "/^File '[a-z]/{N;s/File '\(.*\)'\nLines executed:\(.*\)% of \(.*\)/\2 \3 \1/p}"; done | \
		grep -E ' (common|daemons|verdict|agent|orchestrator)/.*\.c$$' | sort -n | \
		awk '{ printf "%6.1f%% of %4d  %s\n", $$1, $$2, $$3; n += $$2; hit += $$1 * $$2 / 100 } END { printf "%6.1f%% of %d lines\n", 100 * hit / n, n }'

##  install        to $(DESTDIR)$(PREFIX) (/usr/local); uninstall takes it away
PREFIX ?= /usr/local
BIN := $(DESTDIR)$(PREFIX)/bin
UNITS := $(DESTDIR)$(PREFIX)/lib/systemd/system
MAN := $(DESTDIR)$(PREFIX)/share/man
SHARE := $(DESTDIR)$(PREFIX)/share
COMPLETIONS := bash-completion/timetier:bash-completion/completions zsh/_timetier:zsh/site-functions fish/timetier.fish:fish/vendor_completions.d
install: all
	install -d $(BIN) $(MAN)
	install -m 755 $(BUILD)/bin/timetier $(BUILD)/bin/timetier-agent $(wildcard $(BUILD)/bin/timetier-agent-deb11) $(BIN)
	@set -e; for page in $(wildcard doc/*.[1-8]); do install -D -m 644 $$page $(MAN)/man$${page##*.}/$${page##*/}; done
	@set -e; for one in $(COMPLETIONS); do file=$${one%%:*}; install -D -m 644 packaging/$$file $(SHARE)/$${one#*:}/$${file##*/}; done
	install -d $(UNITS)
	@set -e; for unit in $(wildcard packaging/systemd/*); do \
		sed 's,/usr/bin/timetier,$(PREFIX)/bin/timetier,' $$unit >$(UNITS)/$${unit##*/}; chmod 644 $(UNITS)/$${unit##*/}; done
uninstall:
	rm -f $(addprefix $(BIN)/,timetier timetier-agent timetier-agent-deb11)
	@for one in $(COMPLETIONS); do file=$${one%%:*}; rm -f $(SHARE)/$${one#*:}/$${file##*/}; done
	@for page in $(wildcard doc/*.[1-8]); do rm -f $(MAN)/man$${page##*.}/$${page##*/}; done
	@for unit in $(wildcard packaging/systemd/*); do rm -f $(UNITS)/$${unit##*/}; done

##  clean          remove what was built
clean:
	rm -rf $(BUILD)
##  help           this list
help:
	@sed -n 's/^##//p' Makefile

.SECONDARY:
-include $(wildcard $(OBJECTS:.o=.d))
