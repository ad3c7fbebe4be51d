import Tensors

/// Turns the tree of a line into code that runs.
///
/// # How a line is evaluated
///
/// The tree is walked once. Every expression becomes a closure that, given the frame of the call, computes its value (`Code`);
/// every name becomes a place: a slot of the frame for what is local to a function or a loop, a `Cell` for what is global. So a
/// loop of a million steps searches no name and allocates no number. What a closure needs for its errors, the text and its ranges,
/// it carries in an object that is looked at only when something fails.
///
/// | file | lowers or does |
/// |---|---|
/// | `Lowering+Expressions` | literals, names, operators, choices, lambdas |
/// | `Lowering+Calls` | calls of functions, networks and built-ins |
/// | `Lowering+Statements` | bindings, definitions, loops |
/// | `IndexEquations/` | whatever has index variables, and sequences |
/// | `Arithmetic`, `MatrixProducts`, `Indexing` | what operators do to values |
/// | `Derivatives` | `f'`, `∇f`, `jacobian`, `hessian` |
/// | `ShapeDiagnostics` | words a shape error, with operands and tried suggestions |
struct Lowering {
  let machine: Machine
  let source: SourceText

  func site(_ range: SourceRange) -> Fault.Site { Fault.Site(source: source, range: range) }

  /// A failure found while lowering.
  func failure(
    _ code: String, _ message: String, at range: SourceRange, suggestions: [Diagnostic.Suggestion] = [],
    notes: [Diagnostic.Note] = []
  ) -> Fault {
    Fault(Diagnostic(code, message, at: range, suggestions: suggestions, notes: notes), in: source)
  }
}

extension Machine {
  /// A failure at a place.
  func failure(
    _ code: String, _ message: String, at site: Fault.Site, labels: [Diagnostic.Label] = [],
    suggestions: [Diagnostic.Suggestion] = [], notes: [Diagnostic.Note] = []
  ) -> Fault {
    Fault(
      Diagnostic(code, message, at: site.range, labels: labels, suggestions: suggestions, notes: notes),
      in: site.source)
  }
}
