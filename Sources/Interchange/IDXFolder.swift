import Networks
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A folder with labelled images in MNIST's four files, or two of them.
public enum IDXFolder {
  /// Which half of the images.
  public enum Part: String, Sendable, CaseIterable {
    case train
    case test = "t10k"
  }

  /// Where images are looked for when no folder is named: the one `NABLA_DATA` names, then where systems put data sets.
  public static var usualPlaces: [String] {
    let roots = [
      "/usr/share/datasets", "/usr/local/share/datasets", "/opt/homebrew/share/datasets", "~/datasets", "data",
    ]
    let sets = ["fashion-mnist", "mnist"]
    return (Files.variable("NABLA_DATA").map { [$0] } ?? [])
      + roots.flatMap { root in sets.map { "\(root)/\($0)" } }
  }

  /// The names of Fashion-MNIST's classes.
  public static let fashion = [
    "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
  ]

  /// Reads the images and labels of one half; bytes stay bytes.
  ///
  /// **Shapes** samples `[1, height, width]`
  /// - Parameter folder: where `train-images-idx3-ubyte` and its fellows are, with `.gz` or without; the usual places if nil.
  /// - Throws: `FileProblem`.
  public static func load(_ folder: String? = nil, _ part: Part) throws(FileProblem) -> Dataset {
    let folder = try locate(folder, part)
    let imagePath = try file(folder, part, "images", axes: 3)
    let labelPath = try file(folder, part, "labels", axes: 1)
    let images = try IDXArray(path: imagePath)
    guard images.isBytes, images.shape.rank == 3 else {
      throw FileProblem(imagePath, .wrongFormat(expected: "images of bytes, [n, h, w]", found: "\(images.shape)"))
    }
    let labels = try IDXArray(path: labelPath)
    guard labels.isBytes, labels.shape.rank == 1 else {
      throw FileProblem(labelPath, .wrongFormat(expected: "labels of bytes, [n]", found: "\(labels.shape)"))
    }
    guard images.shape[0] == labels.shape[0] else {
      throw FileProblem(
        labelPath, .corrupt("there are \(labels.shape[0]) labels for \(images.shape[0]) images"))
    }
    let isFashion = folder.lowercased().contains("fashion")
    return Dataset(
      bytes: images.bytes, sampleShape: [1, images.shape[1], images.shape[2]], labels: labels.bytes.map(Int32.init),
      classNames: isFashion ? fashion : [],
      name: (isFashion ? "fashion-mnist" : "idx") + " \(part == .train ? "train" : "test")")
  }

  /// The folder itself, or the first of the usual places that has the files.
  private static func locate(_ folder: String?, _ part: Part) throws(FileProblem) -> String {
    if let folder {
      guard Files.exists(folder) else { throw FileProblem(folder, .notFound) }
      return folder
    }
    for place in usualPlaces where (try? file(place, part, "images", axes: 3)) != nil { return place }
    throw FileProblem(usualPlaces[0], .missing(["\(part.rawValue)-images-idx3-ubyte.gz"]))
  }

  /// The file of one kind under any of the names in use.
  private static func file(
    _ folder: String, _ part: Part, _ kind: String, axes: Int
  ) throws(FileProblem) -> String {
    let stems = ["\(part.rawValue)-\(kind)-idx\(axes)-ubyte", "\(part.rawValue)-\(kind).idx\(axes)-ubyte"]
    let names = stems.flatMap { [$0, $0 + ".gz"] }
    for name in names where Files.exists("\(folder)/\(name)") { return "\(folder)/\(name)" }
    throw FileProblem(folder, .missing(names))
  }
}
