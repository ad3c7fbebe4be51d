/// # Formula, numbers, result
///
/// This room answers where a value came from. It knows the language, its remembered lines and its networks, and gives documents to
/// show; it neither reads nor prints, so that every screen of it can be tested without a terminal.
///
/// | folder | what |
/// |---|---|
/// | `Calculations/` | a quantity as a tree of numbers, rewritten rung by rung, each rung true as printed (rule R1) |
/// | `Laws/` | how one element of a result comes about, a law for each kind of operation |
/// | `Steps/` | a computation as a walk forward or backward |
/// | `Gradients/` | tables over a whole network: gradients, optimiser steps, what a change does, checks, what came from what |
package enum Explanations {}
