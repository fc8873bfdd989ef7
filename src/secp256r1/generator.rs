//! Odd multiples of the generator (SP 800-186 3.2.1.3): G, 3 G, 5 G .. 63 G.

use super::point::Affine;
use super::table::{Entry, point};

/// (2 `place` + 1) G; G itself beyond the last.
#[inline(always)]
pub(super) fn multiple(place: usize) -> Affine {
    let [first, ..] = &MULTIPLES;
    point(MULTIPLES.get(place).unwrap_or(first))
}

/// Computed apart; the tests compare sums of them with the oracle's.
#[rustfmt::skip]
static MULTIPLES: [Entry; 32] = [
    [
        0x79e7_30d4_18a9_143c, 0x75ba_95fc_5fed_b601, 0x79fb_732b_7762_2510, 0x1890_5f76_a537_55c6,
        0xddf2_5357_ce95_560a, 0x8b4a_b8e4_ba19_e45c, 0xd2e8_8688_dd21_f325, 0x8571_ff18_2588_5d85,
    ],
    [
        0xffac_3f90_4eeb_c127, 0xb027_f84a_087d_81fb, 0x66ad_77dd_87cb_bc98, 0x2693_6a3f_b6ff_747e,
        0xb04c_5c1f_c983_a7eb, 0x583e_47ad_0861_fe1a, 0x7882_0831_1a2e_e98e, 0xd5f0_6a29_e587_cc07,
    ],
    [
        0xbe1b_8aae_c45c_61f5, 0x90ec_649a_94b9_537d, 0x941c_b5aa_d076_c20c, 0xc907_9605_8905_23c8,
        0xeb30_9b4a_e7ba_4f10, 0x73c5_68ef_e5eb_882b, 0x3540_a987_7e7a_1f68, 0x73a0_76bb_2dd1_e916,
    ],
    [
        0x0746_354e_a017_3b4f, 0x2bd2_0213_d23c_00f7, 0xf43e_aab5_0c23_bb08, 0x13ba_5119_c312_3e03,
        0x2847_d030_3f5b_9d4d, 0x6742_f2f2_5da6_7bdd, 0xef93_3bdc_77c9_4195, 0xeaed_d915_6e24_0867,
    ],
    [
        0x75c9_6e8f_264e_20e8, 0xabe6_bfed_59a7_a841, 0x2cc0_9c04_44c8_eb00, 0xe05b_3080_f0c4_e16b,
        0x1eb7_777a_a45f_3314, 0x56af_7bed_ce5d_45e3, 0x2b6e_019a_88b1_2f1a, 0x0866_59cd_fd83_5f9b,
    ],
    [
        0xea7d_260a_6245_e404, 0x9de4_0795_6e7f_dfe0, 0x1ff3_a415_8dac_1ab5, 0x3e70_90f1_649c_9073,
        0x1a76_8561_2b94_4e88, 0x250f_939e_e57f_61c8, 0x0c0d_aa89_1ead_643d, 0x6893_0023_e125_b88e,
    ],
    [
        0xccc4_2563_4b2e_d709, 0x0e35_6769_856f_d30d, 0xbcbc_d43f_559e_9811, 0x7384_77ac_5395_b759,
        0x3575_2b90_c00e_e17f, 0x6874_8390_742e_d2e3, 0x7cd0_6422_bd1f_5bc1, 0xfbc0_8769_c9e7_b797,
    ],
    [
        0x72bc_d8b7_bc60_055b, 0x03cc_23ee_56e2_7e4b, 0xee33_7424_e481_9370, 0xe2aa_0e43_0ad3_da09,
        0x40b8_524f_6383_c45d, 0xd766_3554_42a4_1b25, 0x64ef_a6de_778a_4797, 0x2042_170a_7079_adf4,
    ],
    [
        0x9709_1dcb_d53c_5c9d, 0xf176_24b6_ac0a_177b, 0xb0f1_3975_2cfe_2dff, 0xc1a3_5c0a_6c7a_574e,
        0x227d_3146_93e7_9987, 0x0575_bf30_e89c_b80e, 0x2f4e_247f_0d18_83bb, 0xebd5_1226_3274_c3d0,
    ],
    [
        0xfea9_12ba_a565_9ae8, 0x6836_3aba_25e1_a16e, 0xb884_2277_752c_41ac, 0xfe54_5c28_2897_c3fc,
        0x2d36_e9e7_dc4c_696b, 0x5806_244a_fba9_77c5, 0x8566_5e9b_e395_08c1, 0xf720_ee25_6d12_597b,
    ],
    [
        0x562e_4cec_c135_b208, 0x74e1_b265_4783_f47d, 0x6d2a_506c_5a3f_3b30, 0xecea_d9f4_c167_62fc,
        0xf29d_d4b2_e286_e5b9, 0x1b0f_adc0_83bb_3c61, 0x7a75_023e_7fac_29a4, 0xc086_d5f1_c947_7fa3,
    ],
    [
        0xf4f8_7653_2de4_5068, 0x37c7_a7e8_9e2e_1f6e, 0xd082_5fa2_a358_4069, 0xaf2c_ea7c_1727_bf42,
        0x0360_a4fb_9e47_85a9, 0xe5fd_a49c_2729_9f4a, 0x4806_8e13_71ac_2f71, 0x83d0_687b_9077_666f,
    ],
    [
        0xa4a3_19ac_d837_879f, 0x6fc1_b49e_ed6b_67b0, 0xe395_9933_32f1_f3af, 0x9667_42eb_6543_2a2e,
        0x4b8d_c9fe_b496_6228, 0x96cc_6312_43f4_3950, 0x1206_8859_c9b7_31ee, 0x7b94_8dc3_56f7_9968,
    ],
    [
        0x042c_2af4_97e2_feb4, 0xd36a_42d7_aebf_7313, 0x49d2_c9eb_084f_fdd7, 0x9f8a_a54b_2ef7_c76a,
        0x9200_b7ba_0989_5e70, 0x3bd0_c66f_ddb7_fb58, 0x2d97_d108_78eb_4cbb, 0x2d43_1068_d84b_de31,
    ],
    [
        0x5e5d_b46a_cb66_e132, 0xf1be_963a_0d92_5880, 0x944a_7027_0317_b9e2, 0xe266_f959_4860_3d48,
        0x98db_6673_5c20_8899, 0x9047_2447_a2fb_18a3, 0x8a96_6939_777c_619f, 0x3798_142a_2a3b_e21b,
    ],
    [
        0xe2f7_3c69_6755_ff89, 0xdd3c_f7e7_4730_17e6, 0x8ef5_689d_3cf7_600d, 0x948d_c4f8_b1fc_87b4,
        0xd9e9_fe81_4ea5_3299, 0x2d92_1ca2_98eb_6028, 0xfaec_edfd_0c98_03fc, 0xf38a_e891_4d7b_4745,
    ],
    [
        0x8715_1456_0f66_4534, 0x85ce_ae7c_4b68_f103, 0xac09_c4ae_6557_8ab9, 0x33ec_6868_f044_b10c,
        0x6ac4_832b_3a8e_c1f1, 0x5509_d128_5847_d5ef, 0xf909_604f_763f_1574, 0xb16c_4303_c32f_63c4,
    ],
    [
        0xfd16_847f_dec6_7ef5, 0x742e_e464_233e_76b7, 0x0b8e_4134_efc2_b4c8, 0xca64_0b86_42a3_e521,
        0x653a_0190_8ceb_6aa9, 0x313c_300c_5478_52d5, 0x24e4_ab12_6b23_7af7, 0x2ba9_0162_8bb4_7af8,
    ],
    [
        0x0046_7bc5_8cce_08b5, 0xb636_458c_7f17_8d55, 0xc574_8bae_a677_d806, 0x2763_a387_dfa3_94eb,
        0xa12b_448a_7d3c_ebb6, 0xe7ad_da3e_6f20_d850, 0xf63e_bce5_1558_462c, 0x58b3_6143_6200_88a8,
    ],
    [
        0xa9d8_9488_a059_c142, 0x6f5a_e714_ff0b_9346, 0x068f_237d_16fb_3664, 0x5853_e4c4_3631_86ac,
        0xe2d8_7d23_63c5_2f98, 0x2ec4_a766_8182_8876, 0x47b8_64fa_e14e_7b1c, 0x0c0b_c0e5_6919_2408,
    ],
    [
        0x624d_6049_2ed2_2e91, 0x6fdf_e0b5_6f07_2822, 0xeeca_1115_39ce_2271, 0x9810_0a4f_db01_614f,
        0xb6b0_daa2_a35c_628f, 0xb6f9_4d2e_c87e_9a47, 0xc677_3259_1d57_d9ce, 0xf70b_feec_0388_4a7b,
    ],
    [
        0x4ff2_3ffd_248a_7d06, 0x80c5_bfb4_8788_73fa, 0xb7d9_ad90_0574_5981, 0x179c_85db_3db0_1994,
        0xba41_b062_61a6_966c, 0x4d82_d052_eadc_e5a8, 0x9e91_cd3b_a5e6_a318, 0x4779_5f4f_95b2_dda0,
    ],
    [
        0x1ee4_26cc_d5cd_79bf, 0x0032_940b_946c_6e18, 0x1b1e_8ae0_5747_7f58, 0xe94f_7d34_6d82_3278,
        0xc747_cb96_782b_a21a, 0xc525_4469_f72b_33a5, 0x772e_f6de_c7f8_0c81, 0xd73a_cbfe_2cd9_e6b5,
    ],
    [
        0x283c_7513_caa7_6097, 0x0a62_4fa9_36c8_3906, 0x6b20_afec_715a_f2c7, 0x4b96_9974_eba7_8bfd,
        0x2207_55cc_d921_d60e, 0x9b94_4e10_7bae_ca13, 0x0481_9d51_5ded_93d4, 0x9bbf_f86e_6ddd_fd27,
    ],
    [
        0x2195_0b42_1ff6_acd3, 0xffe7_0484_53dc_6909, 0xff4c_d0b2_2876_6127, 0xabdb_e608_4fb7_db2b,
        0x837c_9228_5e11_09e8, 0x2614_7d27_f464_5b5a, 0x4d78_f592_f781_8ed8, 0xd394_077e_f247_fa36,
    ],
    [
        0x508c_ec1c_3b3f_64c9, 0xe20b_c0ba_1e5e_df3f, 0xda1d_eb85_2f43_18d4, 0xd20e_be0d_5c3f_a443,
        0x370b_4ea7_7324_1ea3, 0x61f1_511c_5e1a_5f65, 0x99a5_e23d_8268_1c62, 0xd731_e383_a2f5_4c2d,
    ],
    [
        0x9735_9638_546c_4d8d, 0x5f9c_3fc4_92f2_4679, 0x912e_8bed_a8c8_acd9, 0xec3a_318d_3066_34b0,
        0x8016_7f41_c31c_b264, 0x3db8_2f6f_5221_13f2, 0xb155_bcd2_dcaf_e197, 0xfba1_da59_4346_5283,
    ],
    [
        0x258b_bbf9_e730_5683, 0x31ee_a5bf_07ef_5be6, 0x0deb_0e4a_46c8_14c1, 0x5cee_8449_a7b7_30dd,
        0xeab4_95c5_a018_2bde, 0xee75_9f87_9e27_a6b4, 0xc2cf_6a68_80e5_18ca, 0x25e8_013f_f14c_f3f4,
    ],
    [
        0x3ec8_32e7_7aca_ca28, 0x1bfe_ea57_c738_5b29, 0x0682_12e3_fd1e_af38, 0xc132_9830_6acf_8ccc,
        0xb909_f2db_2aac_9e59, 0x5748_060d_b661_782a, 0xc5ab_2632_c79b_7a01, 0xda44_c6c6_0001_7626,
    ],
    [
        0x69d4_4ed6_5c46_aa8e, 0x2100_d5d3_a8d0_63d1, 0xcb97_27ea_a2d1_7c36, 0x4c2b_ab1b_8add_53b7,
        0xa084_e90c_1542_6704, 0x778a_fcd3_a837_ebea, 0x6651_f701_7ce4_77f8, 0xa062_4998_46fb_7a8b,
    ],
    [
        0x3667_eb1a_7f4c_04cc, 0x5955_6621_a940_4f84, 0x71cd_f653_7ece_b50a, 0x994a_44a6_9b83_35fa,
        0xd7fa_f819_dbeb_9b69, 0x473c_5680_eed4_350d, 0xb665_8466_da44_bba2, 0x0d1b_c780_872b_dbf3,
    ],
    [
        0xb8d3_d931_9ff9_1fe5, 0x039c_4800_f051_8eed, 0x95c3_7632_9182_cb26, 0x0763_a434_82fc_568d,
        0x707c_04d5_383e_76ba, 0xac98_b930_824e_8197, 0x92bf_7c8f_9123_0de0, 0x9087_6a01_4095_9b70,
    ],
];
