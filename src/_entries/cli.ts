#!/usr/bin/env node
/** The command `tensorface`. */
import "../cli/main.ts";
