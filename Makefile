# The C library for any C or C++ program: headers, static and shared library, pkg-config and CMake files. ELF systems.
#
#     make && sudo make install                              into /usr/local
#     make install PREFIX=/usr LIBDIR=/usr/lib64 DESTDIR=stage
#     make uninstall                                         with the variables of the installation
#
# CARGOFLAGS='--no-default-features --features es256,carrier' builds a part. Cargo builds the rest of the project; see README.md.

PREFIX ?= /usr/local
INCLUDEDIR ?= $(PREFIX)/include
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=
CARGO ?= cargo
CC ?= cc
INSTALL ?= install

# What a program needs beside its own name: both are written once, in the header.
VERSION := $(shell sed -n 's/^.define CMK_VERSION "\(.*\)"$$/\1/p' include/countermark.h)
ABI := $(shell sed -n 's/^.define CMK_ABI \([0-9]*\)u$$/\1/p' include/countermark.h)

release := $(or $(CARGO_TARGET_DIR),target)/release
built := $(release)/package
archive := $(release)/libcountermark.a
soname := libcountermark.so.$(ABI)
shared := $(built)/$(soname)
templates := integrations/packaging
headers := countermark.h countermark.hpp countermark_prefix.h
generated := countermark.pc countermarkConfig.cmake countermarkConfigVersion.cmake
pkgconfig := $(LIBDIR)/pkgconfig
cmake := $(LIBDIR)/cmake/countermark

all: cargo
	$(MAKE) $(shared)

# Cargo knows what is stale. The names are the header's, so a prefix of the environment's must not reach the build.
cargo:
	env -u COUNTERMARK_PREFIX $(CARGO) build --release -p countermark-lib $(CARGOFLAGS)

# Without a prerequisite: after `make`, `sudo make install` copies and needs no Cargo.
$(archive):
	$(MAKE) cargo

# Linked by the C compiler: Cargo's own shared library has no SONAME and no symbol version.
$(shared): $(archive) Makefile $(templates)/countermark.map.in
	mkdir -p $(built)
	sed 's/@ABI@/$(ABI)/' $(templates)/countermark.map.in >$(built)/countermark.map
	$(CC) -shared $(CFLAGS) $(LDFLAGS) -Wl,-soname,$(soname) -Wl,--version-script=$(built)/countermark.map -Wl,--gc-sections -Wl,--strip-debug \
	    -Wl,-z,defs -Wl,-z,relro -Wl,-z,now -Wl,--whole-archive $(archive) -Wl,--no-whole-archive -o $@

install: $(shared)
	$(INSTALL) -d "$(DESTDIR)$(INCLUDEDIR)" "$(DESTDIR)$(LIBDIR)" "$(DESTDIR)$(pkgconfig)" "$(DESTDIR)$(cmake)"
	for header in $(headers); do $(INSTALL) -m 644 "include/$$header" "$(DESTDIR)$(INCLUDEDIR)/" || exit 1; done
	$(INSTALL) -m 644 $(archive) "$(DESTDIR)$(LIBDIR)/"
	$(INSTALL) -m 755 $(shared) "$(DESTDIR)$(LIBDIR)/"
	ln -sf $(soname) "$(DESTDIR)$(LIBDIR)/libcountermark.so"
	for file in $(generated); do \
	    sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' \
	        -e 's|@SONAME@|$(soname)|' "$(templates)/$$file.in" >"$(built)/$$file" || exit 1; \
	done
	$(INSTALL) -m 644 $(built)/countermark.pc "$(DESTDIR)$(pkgconfig)/"
	$(INSTALL) -m 644 $(built)/countermarkConfig.cmake $(built)/countermarkConfigVersion.cmake "$(DESTDIR)$(cmake)/"

uninstall:
	for header in $(headers); do rm -f "$(DESTDIR)$(INCLUDEDIR)/$$header"; done
	rm -f "$(DESTDIR)$(LIBDIR)/libcountermark.a" "$(DESTDIR)$(LIBDIR)/libcountermark.so" "$(DESTDIR)$(LIBDIR)/$(soname)"
	rm -f "$(DESTDIR)$(pkgconfig)/countermark.pc" "$(DESTDIR)$(cmake)/countermarkConfig.cmake" \
	    "$(DESTDIR)$(cmake)/countermarkConfigVersion.cmake"
	[ ! -d "$(DESTDIR)$(cmake)" ] || rmdir "$(DESTDIR)$(cmake)"

.PHONY: all cargo install uninstall
