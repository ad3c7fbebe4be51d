import Tensors

/// Everything that decides how a network is trained, except the data.
public struct TrainingPlan: Sendable {
  public var loss: any Loss
  public var optimizer: any Optimizer
  public var epochs: Int
  public var batch: Int
  public var validation: Dataset?
  /// The stream that shuffles and drops out; the same one gives the same digits.
  public var random: RandomGenerator

  /// - Precondition: at least one epoch, and at least one sample in a batch.
  public init(
    loss: any Loss, optimizer: any Optimizer = Adam(), epochs: Int = 10, batch: Int = 32,
    validation: Dataset? = nil, random: RandomGenerator = RandomGenerator(seed: 7)
  ) {
    precondition(epochs > 0 && batch > 0, "at least one epoch of batches of at least one sample")
    self.loss = loss
    self.optimizer = optimizer
    self.epochs = epochs
    self.batch = batch
    self.validation = validation
    self.random = random
  }
}

/// What a network was trained on: its gradients can be asked for again.
public struct TrainingTask: Sendable {
  public let data: Dataset
  public let loss: any Loss
  /// The samples of one step.
  public let batch: Int

  public init(data: Dataset, loss: any Loss, batch: Int) {
    self.data = data
    self.loss = loss
    self.batch = batch
  }
}

/// How far training is, after each step.
public struct Progress: Sendable {
  /// Which epoch, from 1, and of how many.
  public let epoch, epochs: Int
  /// Which step of the epoch, from 1, and of how many.
  public let step, steps: Int
  /// The mean loss of the epoch's samples so far, each taken before its step.
  public let loss: Double
  /// The share of right answers so far, if that means anything.
  public let accuracy: Double?
  /// Samples seen in all epochs, and the samples of all epochs.
  public let samples, totalSamples: Int
  /// Seconds since training began.
  public let seconds: Double
  /// The validation set, measured: at the last step of an epoch only.
  public let validation: Evaluation?

  /// Samples a second since training began.
  public var rate: Double { seconds > 0 ? Double(samples) / seconds : 0 }
  /// Seconds until the end at this rate.
  public var secondsLeft: Double { rate > 0 ? Double(totalSamples - samples) / rate : 0 }
  /// The share of all samples that is done.
  public var fraction: Double { Double(samples) / Double(max(totalSamples, 1)) }
}

/// What an observer of training says after a step.
public enum Verdict: Sendable {
  case proceed
  /// Stop, and keep what was learned.
  case stop
}

/// What training gave.
public struct Training: Sendable {
  /// The network with its new weights and its history.
  public let network: Network
  /// The optimiser with its state.
  public let optimizer: any Optimizer
  public let history: History
  /// The last step of all, with what it began from; nil if training was stopped before it.
  public let lastStep: OptimizerStep?
  /// Where training was stopped, if it was.
  public let stop: Stop?
  /// The generator after the last draw.
  public let random: RandomGenerator
  /// Seconds in all.
  public let seconds: Double

  /// Training ended early, after this step.
  public struct Stop: Sendable, Equatable {
    /// Counted from 1 over all epochs, and how many there would have been.
    public let step, steps: Int
    public let epoch, epochs: Int
  }
}

/// Training that cannot go on: a loss or a gradient is nan or infinite.
public struct TrainingFailure: Error, Sendable {
  public enum Cause: Sendable, Equatable {
    /// The loss is this.
    case loss(Double)
    /// The loss is finite, but its gradient by this weight (`[0].W`) is not.
    case gradient(String)
  }
  public let cause: Cause
  /// Counted from 1 over all epochs; the epoch; the batch in the epoch.
  public let step, epoch, batch: Int
  /// The losses of the steps so far, the failing one last; the last 1000 of them.
  public let losses: [Double]
  /// The network before the failing step, and before all of them.
  public let network, start: Network
  /// What the failing step was given.
  public let x, y: Tensor
}
