/// LightGBM's parameters that training does not know yet. They are refused by name, so that a script that relies on one does
/// not get another model in silence.
enum UnsupportedParameters {
    /// A name as LightGBM spells it, with its aliases.
    private static let names: [[String]] = [
        ["alpha"], ["auc_mu_weights"], ["bagging_by_query"], ["cat_l2"], ["cat_smooth"],
        ["categorical_feature", "cat_column", "cat_feature", "categorical_column", "categorical_features"],
        ["cegb_penalty_feature_coupled"], ["cegb_penalty_feature_lazy"], ["cegb_penalty_split"], ["cegb_tradeoff"],
        ["data_sample_strategy"], ["deterministic"], ["device_type", "device"], ["drop_rate", "rate_drop"],
        ["enable_bundle", "bundle", "is_enable_bundle"],
        ["eval_at", "map_at", "map_eval_at", "ndcg_at", "ndcg_eval_at"], ["extra_trees", "extra_tree"], ["fair_c"],
        ["feature_contri", "fc", "feature_contrib", "feature_penalty", "fp"],
        ["feature_fraction_bynode", "colsample_bynode", "sub_feature_bynode"], ["force_col_wise"],
        ["force_row_wise"], ["forcedbins_filename"],
        ["forcedsplits_filename", "forced_splits", "forced_splits_file", "forced_splits_filename", "fs"],
        ["group_column", "group", "group_id", "query", "query_column", "query_id"],
        ["histogram_pool_size", "hist_pool_size"], ["interaction_constraints"],
        ["is_enable_sparse", "enable_sparse", "is_sparse", "sparse"],
        ["is_provide_training_metric", "is_training_metric", "train_metric", "training_metric"],
        ["is_unbalance", "unbalance", "unbalanced_sets"], ["label_gain"], ["lambdarank_norm"],
        ["lambdarank_position_bias_regularization"], ["lambdarank_truncation_level"], ["linear_lambda"],
        ["linear_tree", "linear_trees"], ["max_bin_by_feature"], ["max_cat_threshold"], ["max_cat_to_onehot"],
        ["max_delta_step", "max_leaf_output", "max_tree_output"], ["max_drop"], ["min_data_per_group"],
        ["monotone_constraints", "mc", "monotone_constraint", "monotonic_cst"],
        ["monotone_constraints_method", "mc_method", "monotone_constraining_method"],
        ["monotone_penalty", "mc_penalty", "monotone_splits_penalty", "ms_penalty"], ["multi_error_top_k"],
        ["neg_bagging_fraction", "neg_bagging", "neg_sub_row", "neg_subsample"], ["num_class", "num_classes"],
        ["num_grad_quant_bins"], ["num_threads", "n_jobs", "nthread", "nthreads", "num_thread"], ["other_rate"],
        ["path_smooth"], ["poisson_max_delta_step"],
        ["pos_bagging_fraction", "pos_bagging", "pos_sub_row", "pos_subsample"], ["quant_train_renew_leaf"],
        ["refit_decay_rate"], ["reg_sqrt"], ["saved_feature_importance_type"], ["scale_pos_weight"], ["sigmoid"],
        ["skip_drop"], ["stochastic_rounding"], ["top_k", "topk"], ["top_rate"],
        ["tree_learner", "tree", "tree_learner_type", "tree_type"], ["tweedie_variance_power"], ["uniform_drop"],
        ["use_quantized_grad"], ["verbosity", "verbose"], ["weight_column", "weight"], ["xgboost_dart_mode"],
    ]

    /// LightGBM's own name of an unsupported parameter, nil if `name` (in lower case) is none.
    static func canonicalName(of name: String) -> String? {
        names.first { $0.contains(name) }?.first
    }
}
