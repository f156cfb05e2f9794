# SPDX-License-Identifier: GPL-2.0-only
# Installation of the programs, what belongs to them, and the hooks that keep
# new initrds bootable; and the package of the ROMs. The drivers are DKMS's
# matter (packaging/README.md).

DESTDIR ?=
PREFIX ?= /usr
INSTALL_ROOT = $(DESTDIR)$(PREFIX)

# FILE=PLACE below PREFIX; programs for root go to sbin
INSTALL_PROGRAMS = $(foreach program,$(PROGRAMS),$(program)=$(if $(filter \
	mkinitrd-en iscsi-root,$(notdir $(program))),sbin,bin)/$(notdir $(program)))
INSTALL_PAGES = $(foreach page,$(wildcard docs/man/*.[1-9]),$(page)=share/man/man$(patsubst \
	.%,%,$(suffix $(page)))/$(notdir $(page)))
INSTALL_COMPLETIONS = \
	$(foreach file,$(wildcard completions/bash/*),$(file)=share/bash-completion/completions/$(notdir $(file))) \
	$(foreach file,$(wildcard docs/completion/*.bash),$(file)=share/bash-completion/completions/$(basename $(notdir $(file)))) \
	$(foreach file,$(wildcard completions/zsh/* docs/completion/_*),$(file)=share/zsh/site-functions/$(notdir $(file))) \
	$(foreach file,$(wildcard completions/fish/* docs/completion/*.fish),$(file)=share/fish/vendor_completions.d/$(notdir $(file)))
INSTALL_HOOKS = packaging/hooks/new-initrd=lib/connectx-en/new-initrd \
	packaging/hooks/kernel-install=lib/kernel/install.d/60-connectx-en.install
# FILE=PLACE below /; the administrator's own are left alone
INSTALL_ETC = \
	packaging/hooks/initramfs-tools=etc/initramfs/post-update.d/connectx-en \
	packaging/hooks/kernel-postinst=etc/kernel/postinst.d/zz-connectx-en
INSTALL_CONF = etc/connectx-en/mkinitrd-en.conf

# Without the modes' "x" for what is read only
INSTALL_READ = $(INSTALL_PAGES) $(INSTALL_COMPLETIONS)
INSTALL_RUN = $(INSTALL_PROGRAMS) $(INSTALL_HOOKS)

.PHONY: install uninstall
install: all ## programs, man pages, completions, hooks (DESTDIR, PREFIX)
	@for pair in $(INSTALL_RUN); do \
	  install -D -m 755 "$${pair%%=*}" "$(INSTALL_ROOT)/$${pair#*=}"; done
	@for pair in $(INSTALL_READ); do \
	  install -D -m 644 "$${pair%%=*}" "$(INSTALL_ROOT)/$${pair#*=}"; done
	@for pair in $(INSTALL_ETC); do \
	  install -D -m 755 "$${pair%%=*}" "$(DESTDIR)/$${pair#*=}"; done
	@[ -e "$(DESTDIR)/$(INSTALL_CONF)" ] || install -D -m 600 \
	  packaging/hooks/mkinitrd-en.conf "$(DESTDIR)/$(INSTALL_CONF)"
	@sed -i 's,/usr/\(lib/connectx-en/\|sbin/mkinitrd-en\),$(PREFIX)/\1,' \
	  "$(INSTALL_ROOT)/lib/connectx-en/new-initrd" \
	  $(foreach pair,$(INSTALL_ETC),"$(DESTDIR)/$(lastword $(subst =, ,$(pair)))") \
	  "$(INSTALL_ROOT)/lib/kernel/install.d/60-connectx-en.install"
	@echo "installed below $(DESTDIR)$(PREFIX); new initrds are treated when" \
	  "/$(INSTALL_CONF) says so"

uninstall: ## take away again what make install has put there
	@for pair in $(INSTALL_RUN) $(INSTALL_READ); do \
	  rm -f "$(INSTALL_ROOT)/$${pair#*=}"; done
	@for pair in $(INSTALL_ETC); do rm -f "$(DESTDIR)/$${pair#*=}"; done
	@rmdir "$(INSTALL_ROOT)/lib/connectx-en" 2>/dev/null || :
	@[ ! -e "$(DESTDIR)/$(INSTALL_CONF)" ] || \
	  if cmp -s packaging/hooks/mkinitrd-en.conf "$(DESTDIR)/$(INSTALL_CONF)"; \
	  then rm "$(DESTDIR)/$(INSTALL_CONF)"; \
	    rmdir "$(DESTDIR)/etc/connectx-en" 2>/dev/null || :; \
	  else echo "/$(INSTALL_CONF) was changed, and stays"; fi

# The package of the ROMs. The same commit gives the same bytes, whoever packs
# it and when.

DIST := build/dist
PXE_NAME := connectx-en-pxe-$(VERSION)
PXE_TAR = $(DIST)/$(PXE_NAME).tgz
# What the documents link to comes with them.
PXE_PAGES = $(shell git ls-files docs README.md CHANGELOG.md packaging/README.md)
PXE_LICENCES = $(addprefix $(ROM_DIR)/,LICENSE LICENSE.ipxe SOURCE)
# Of the commit; without git, of the sources
EPOCH = $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null || \
	stat -c %Y Makefile))
# For tar: nothing of this machine, its users and its clock
SAME_BYTES = --sort=name --format=ustar --mtime=@$(EPOCH) --owner=root:0 \
	--group=root:0 --mode=u=rwX,go=rX --use-compress-program='gzip -n'

.PHONY: dist dist-pxe
dist: rom dist-dkms ## the package of the ROMs, and dist-dkms, into build/dist
	@$(MAKE) --no-print-directory dist-pxe

# Nothing but the ROMs of this version: others may still lie there.
dist-pxe:
	@[ -n "$(PXE_PAGES)" ] || { echo "make dist: git does not know this folder:" \
	  "run it in a clone" >&2; exit 1; }
	@for file in $(ROM_FILES) $(PXE_LICENCES); do [ -s "$$file" ] || { \
	  echo "make dist: no $$file: run make rom" >&2; exit 1; }; done
	@rm -rf "$(DIST)/$(PXE_NAME)"
	@mkdir -p "$(DIST)/$(PXE_NAME)"
	@cp $(ROM_FILES) $(PXE_LICENCES) "$(DIST)/$(PXE_NAME)"
	@cp --parents $(PXE_PAGES) "$(DIST)/$(PXE_NAME)"
	@cd "$(DIST)/$(PXE_NAME)" && find . -type f ! -name SHA256SUMS -printf '%P\n' | \
	  LC_ALL=C sort | xargs -d '\n' sha256sum >SHA256SUMS
	@tar -C "$(DIST)" $(SAME_BYTES) -cf "$(PXE_TAR)" $(PXE_NAME)
	@rm -rf "$(DIST)/$(PXE_NAME)"
	@echo "  DIST    $(PXE_TAR)"
