import ZLColumnar

/// What a model is trained on: feature columns, one label a row, optional weights. Rows are in the order that validation goes by.
///
/// Feature values are Float64; NaN means missing. Labels are kept as given for reports and rounded to Float32 for training,
/// as are weights. Immutable, so that folds can be trained on several threads at once.
// why @unchecked: every stored property is a `let`, and nothing writes through the column pointers after `init`.
package final class TrainingMatrix: @unchecked Sendable {
    package let featureNames: [String]
    package let rowCount: Int
    /// One column a feature, each of `rowCount` values.
    let columns: [UnsafeBufferPointer<Double>]
    let labels: [Double]
    let weights: [Double]?
    /// Keeps the memory that `columns` points into alive.
    private let owner: ColumnMemory

    /// Copies the columns.
    ///
    /// - Throws: columns of unequal length or too many rows, a label that is NaN or too large for Float32, a weight that is not
    ///   a finite number >= 0, weights that are all 0, or a feature name that a model file cannot hold or that comes twice.
    package init(
        featureNames: [String], columns: [[Double]], labels: [Double], weights: [Double]? = nil
    ) throws(ZLError) {
        try Self.check(featureNames, columns.map(\.count), labels, weights)
        self.featureNames = featureNames
        self.labels = labels
        self.weights = weights
        rowCount = labels.count
        let memory = ColumnMemory(columns)
        self.columns = (0..<columns.count).map { memory.column($0) }
        owner = memory
    }

    private static func check(
        _ names: [String], _ columnCounts: [Int], _ labels: [Double], _ weights: [Double]?
    ) throws(ZLError) {
        guard !names.isEmpty else {
            throw ZLError(.execution, "no_features", "a model needs at least one feature, found none")
        }
        guard names.count == columnCounts.count else {
            throw ZLError(
                .internal, "feature_count", "\(names.count) feature names for \(columnCounts.count) columns")
        }
        guard labels.count <= Int(Int32.max) else {
            throw ZLError(
                .execution, "too_many_rows",
                "\(labels.count) training rows, expected at most \(Int32.max)")
        }
        var seen: Set<String> = []
        for (name, count) in zip(names, columnCounts) {
            guard count == labels.count else {
                throw ZLError(
                    .internal, "row_count", "feature \(name) has \(count) values for \(labels.count) labels")
            }
            guard seen.insert(name).inserted else {
                throw ZLError(.execution, "duplicate_feature", "feature \(name) comes twice")
            }
            if let flaw = FeatureName.flaw(in: name) {
                throw ZLError(
                    .execution, "feature_name", "feature \"\(name)\" \(flaw), which a model file cannot hold",
                    hint: "give the column another name")
            }
        }
        for row in labels.indices where !Float(labels[row]).isFinite {
            throw ZLError(
                .execution, "invalid_label", "the target of training row \(row + 1) is \(labels[row]), expected a finite number")
        }
        guard let weights else { return }
        guard weights.count == labels.count else {
            throw ZLError(.internal, "weight_count", "\(weights.count) weights for \(labels.count) labels")
        }
        for row in weights.indices where !(weights[row] >= 0 && Float(weights[row]).isFinite) {
            throw ZLError(
                .execution, "invalid_weight",
                "the weight of training row \(row + 1) is \(weights[row]), expected a finite number >= 0")
        }
    }
}

/// What LightGBM's text format asks of a feature name.
enum FeatureName {
    /// What is wrong with a name, nil if nothing is: it may not be empty nor hold blanks, control characters or one of `",:[]{}`.
    static func flaw(in name: String) -> String? {
        if name.isEmpty { return "is empty" }
        for byte in name.utf8 {
            switch byte {
            case 0...32, 127: return "holds a blank or a control character"
            case UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"),
                UInt8(ascii: "{"), UInt8(ascii: "}"):
                return "holds the character \(Character(UnicodeScalar(byte)))"
            default: continue
            }
        }
        return nil
    }
}

/// Columns one after the other in one allocation.
private final class ColumnMemory {
    private let base: UnsafeMutablePointer<Double>
    private var starts: [Int] = []
    private var counts: [Int] = []

    init(_ columns: [[Double]]) {
        let total: Int = columns.reduce(0) { $0 + $1.count }
        base = .allocate(capacity: max(total, 1))
        var start = 0
        for column in columns {
            column.withUnsafeBufferPointer { values in
                if let source = values.baseAddress { (base + start).initialize(from: source, count: values.count) }
            }
            starts.append(start)
            counts.append(column.count)
            start += column.count
        }
    }

    deinit { base.deallocate() }

    func column(_ index: Int) -> UnsafeBufferPointer<Double> {
        UnsafeBufferPointer(start: base + starts[index], count: counts[index])
    }
}
