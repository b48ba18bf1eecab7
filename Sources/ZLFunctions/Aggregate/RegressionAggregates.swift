import ZLColumnar

/// Parts of a regression of the first column (y, SQL's dependent one) on the second (x). Pairs with a NULL do not count.
struct RegressionPart: FrameStatistic {
    enum Kind: String, CaseIterable, Sendable {
        case intercept, r2, avgx, avgy, sxx, syy, sxy

        var summary: String {
            switch self {
            case .intercept: "Intercept of the regression of the first column on the second."
            case .r2: "Share of the first column's variance that the regression on the second explains."
            case .avgx: "Mean of the second column over pairs."
            case .avgy: "Mean of the first column over pairs."
            case .sxx: "Squared deviations of the second column."
            case .syy: "Squared deviations of the first column."
            case .sxy: "Products of the columns' deviations."
            }
        }
    }

    static let arity = 2, usesCurrentRow = false
    let kind: Kind

    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        // SQL's y is the first argument.
        switch kind {
        case .avgx: return FrameSums.mean(y, count)
        case .avgy: return FrameSums.mean(x, count)
        case .sxx: return FrameSums.deviations(y, count)
        case .syy: return FrameSums.deviations(x, count)
        case .sxy: return FrameSums.codeviations(x, y, count)
        case .intercept:
            let spread = FrameSums.deviations(y, count)
            guard spread != 0 else { return nil }
            return FrameSums.mean(x, count) - FrameSums.codeviations(x, y, count) / spread * FrameSums.mean(y, count)
        case .r2:
            let spread = FrameSums.deviations(y, count)
            guard spread != 0 else { return nil }
            let own = FrameSums.deviations(x, count)
            if own == 0 { return 1 }
            let common = FrameSums.codeviations(x, y, count)
            return common * common / (spread * own)
        }
    }
}

/// The product of the values.
struct Product: FrameStatistic {
    static let arity = 1, usesCurrentRow = false
    func value(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int, current: Double) -> Double? {
        var product = 1.0
        for index in 0..<count { product *= x[index] }
        return product
    }
}

/// regr_count: pairs in which neither value is NULL.
final class PairCountState: AggregateState {
    private var counts = GroupArray<Int64>(0)

    func grow(to groupCount: Int) { counts.grow(to: groupCount) }

    func update(_ arguments: [ColumnVector], count: Int, groups: UnsafePointer<UInt32>?) throws(ZLError) {
        for row in 0..<count where !arguments[0].isNull(row) && !arguments[1].isNull(row) {
            counts.values[groups.map { Int($0[row]) } ?? 0] += 1
        }
    }

    func finish() throws(ZLError) -> ColumnVector { .groups(counts, type: .bigint) { _ in true } }
}
