/// What happened during training, one entry for each epoch.
public struct History: Sendable, Equatable {
  /// The mean loss of each epoch's samples, each taken before the step that used it.
  public internal(set) var losses: [Double] = []
  /// The share of right answers, measured likewise; empty where right and wrong mean nothing.
  public internal(set) var accuracies: [Double] = []
  /// The loss on the validation set after each epoch; empty without one.
  public internal(set) var validationLosses: [Double] = []
  public internal(set) var validationAccuracies: [Double] = []
  /// The training set measured once more after the last step, where that took little beside the training itself.
  public internal(set) var final: Evaluation?
  /// The norm of the gradient by each parameter at the last step of each epoch, before anything is clipped.
  public internal(set) var gradientNorms: [[Double]] = []
  /// Samples, and steps in one epoch.
  public internal(set) var samples = 0
  public internal(set) var stepsPerEpoch = 0

  /// The losses before the first step, after each epoch: `losses`, and the final one if it was measured.
  public var lossCurve: [Double] { losses + (final.map { [$0.loss] } ?? []) }
  /// The accuracies that belong to `lossCurve`.
  public var accuracyCurve: [Double] {
    accuracies.isEmpty ? [] : accuracies + (final?.accuracy.map { [$0] } ?? [])
  }

  public init() {}

  /// The history of a training that was stored.
  public init(
    losses: [Double], accuracies: [Double], validationLosses: [Double], validationAccuracies: [Double],
    final: Evaluation?, samples: Int, stepsPerEpoch: Int
  ) {
    self.losses = losses
    self.accuracies = accuracies
    self.validationLosses = validationLosses
    self.validationAccuracies = validationAccuracies
    self.final = final
    self.samples = samples
    self.stepsPerEpoch = stepsPerEpoch
  }
}
