import ZLColumnar

/// Parts of a regression of the first column (y, SQL's dependent one) on the second (x). Pairs with a NULL do not count.
struct RegressionPart: MomentFormula {
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

    static let arity = 2
    let kind: Kind

    func value(_ moments: Moments) -> Double? {
        // SQL's y is the first argument.
        switch kind {
        case .avgx: return moments.meanY
        case .avgy: return moments.meanX
        case .sxx: return moments.yy
        case .syy: return moments.xx
        case .sxy: return moments.xy
        case .intercept:
            guard moments.yy != 0 else { return nil }
            return moments.meanX - moments.xy / moments.yy * moments.meanY
        case .r2:
            guard moments.yy != 0 else { return nil }
            return moments.xx == 0 ? 1 : moments.xy * moments.xy / (moments.yy * moments.xx)
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

    var isOrderFree: Bool { true }

    func grow(to groupCount: Int) { counts.grow(to: groupCount) }

    func update(_ arguments: [ColumnVector], count: Int, groups: UnsafePointer<UInt32>?) throws(ZLError) {
        for row in 0..<count where !arguments[0].isNull(row) && !arguments[1].isNull(row) {
            counts.values[groups.map { Int($0[row]) } ?? 0] += 1
        }
    }

    func makePartial() -> (any AggregateState)? { PairCountState() }

    func merge(_ partial: any AggregateState, groups: UnsafePointer<UInt32>) throws(ZLError) {
        guard let partial = partial as? PairCountState else { return }
        for other in 0..<partial.counts.count { counts.values[Int(groups[other])] += partial.counts.values[other] }
    }

    func finish() throws(ZLError) -> ColumnVector { .groups(counts, type: .bigint) { _ in true } }
}
