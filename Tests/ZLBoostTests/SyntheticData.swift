@testable import ZLBoost

/// Deterministic numbers for tests (SplitMix64), independent of the generator under test.
struct TestRandom {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func bits() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func unit() -> Double { Double(bits() >> 11) / 9_007_199_254_740_992 }
    mutating func integer(below limit: Int) -> Int { Int(bits() % UInt64(limit)) }
}

/// Columns with NaNs, ties, zeros and signs of all kinds, and a label that depends on some of them.
struct SyntheticData {
    var columns: [[Double]]
    var labels: [Double]
    var weights: [Double]

    init(rows: Int, features: Int, seed: UInt64) {
        var random = TestRandom(seed)
        columns = (0..<features).map { feature in
            (0..<rows).map { row in
                let value = random.unit() * 4 - 2
                switch feature % 5 {
                case 1: return (value * 4).rounded() / 4
                case 2: return abs(value)
                case 3: return random.unit() < 0.2 ? .nan : value
                case 4: return random.unit() < 0.7 ? 0 : value
                default: return row < rows / 4 && feature == 5 ? .nan : value
                }
            }
        }
        labels = []
        for row in 0..<rows {
            let first = columns[0][row]
            let fourth = features > 3 && !columns[3][row].isNaN ? columns[3][row] : 0.5
            labels.append(first * fourth + (first > 0.3 ? 1 : 0) + random.unit() - 0.5)
        }
        weights = (0..<rows).map { _ in Double(random.integer(below: 5)) }
    }

    func matrix(weighted: Bool = false) throws -> TrainingMatrix {
        try TrainingMatrix(
            featureNames: columns.indices.map { "f\($0)" }, columns: columns, labels: labels,
            weights: weighted ? weights : nil)
    }
}

/// Parameters from `name value name value ...`.
func parameters(_ text: String) throws -> BoostParameters {
    let words = text.split(separator: " ").map(String.init)
    return try BoostParameters(
        stride(from: 0, to: words.count, by: 2).map { ParameterSetting(name: words[$0], value: words[$0 + 1]) })
}
