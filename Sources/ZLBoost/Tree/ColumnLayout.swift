/// What the split search has to know of a column.
struct ColumnLayout: Sendable {
    /// Index of the feature in the training matrix.
    var feature: Int
    var binCount: Int
    var defaultBin: Int
    var mostFrequentBin: Int
    var missingType: MissingType

    /// The bin of missing values, -1 if there is none.
    var missingBin: Int {
        switch missingType {
        case .none: -1
        case .zero: defaultBin
        case .nan: binCount - 1
        }
    }

    /// Whether missing values are tried on both sides.
    var isTwoSided: Bool { binCount > 2 && missingType != .none }

    /// The last bin that is not the one of NaNs, where that stands aside.
    var lastValueBin: Int { isTwoSided && missingType == .nan ? binCount - 2 : binCount - 1 }
}

extension ColumnLayout {
    init(feature: Int, _ mapper: BinMapper) {
        self.init(
            feature: feature, binCount: mapper.binCount, defaultBin: mapper.defaultBin, mostFrequentBin: mapper.mostFrequentBin,
            missingType: mapper.missingType)
    }
}
